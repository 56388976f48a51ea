/** Sums over the rows of a matrix, four columns at a time. */

/** Rows that are summed before they are added to the total, which keeps the rounding error of long sums small. */
const RUN: i32 = 64;

/** Arguments: matrix [rows, columns], sums [columns]; rows, columns. A unit of work is four columns. */
export function columnSums(args: usize, from: i32, to: i32): void {
  const matrix = load<usize>(args);
  const sums = load<usize>(args, 4);
  const rows = load<i32>(args, 8);
  const columns = load<i32>(args, 12);
  const stride = <usize>columns << 2;
  for (let unit = from; unit < to; unit++) {
    const column = unit << 2;
    const offset = <usize>column << 2;
    if (column + 4 <= columns) v128.store(sums + offset, sumFour(matrix + offset, stride, rows));
    else for (let j = column; j < columns; j++) store<f32>(sums + (<usize>j << 2), sumOne(matrix + (<usize>j << 2), stride, rows));
  }
}

function sumFour(from: usize, stride: usize, rows: i32): v128 {
  let total = f32x4.splat(0);
  for (let i = 0; i < rows; ) {
    const end = min(i + RUN, rows);
    let sum = f32x4.splat(0);
    for (; i < end; i++) {
      sum = f32x4.add(sum, v128.load(from));
      from += stride;
    }
    total = f32x4.add(total, sum);
  }
  return total;
}

function sumOne(from: usize, stride: usize, rows: i32): f32 {
  let total: f64 = 0;
  for (let i = 0; i < rows; i++) {
    total += load<f32>(from);
    from += stride;
  }
  return <f32>total;
}
