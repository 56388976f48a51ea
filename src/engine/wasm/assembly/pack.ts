/**
 * Packing for the matrix product: a panel holds `lanes` rows (of A) or columns (of B) side by side, one group a step of depth, so that the
 * product reads memory front to back whichever way its operands lie. Lanes beyond the matrix are zero.
 */

/** Four lanes whose depth runs along memory: 4 × 4 blocks are transposed on the way. `step` bytes lie between groups of the panel. */
function turnFour(source: usize, stride: usize, depth: i32, panel: usize, step: usize): void {
  let row0 = source;
  let row1 = row0 + stride;
  let row2 = row1 + stride;
  let row3 = row2 + stride;
  let k = 0;
  for (; k + 3 < depth; k += 4) {
    const a = v128.load(row0);
    const b = v128.load(row1);
    const c = v128.load(row2);
    const d = v128.load(row3);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(panel, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(panel + step, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    panel += step << 1;
    v128.store(panel, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
    v128.store(panel + step, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
    panel += step << 1;
    row0 += 16;
    row1 += 16;
    row2 += 16;
    row3 += 16;
  }
  for (; k < depth; k++) {
    store<f32>(panel, load<f32>(row0));
    store<f32>(panel, load<f32>(row1), 4);
    store<f32>(panel, load<f32>(row2), 8);
    store<f32>(panel, load<f32>(row3), 12);
    panel += step;
    row0 += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
  }
}

/** Up to `lanes` lanes whose depth runs along memory; lane n starts at source + n·stride. */
export function packAlong(source: usize, stride: usize, count: i32, lanes: i32, depth: i32, panel: usize): void {
  const step = <usize>lanes << 2;
  let lane = 0;
  for (; lane + 3 < count; lane += 4) turnFour(source + <usize>lane * stride, stride, depth, panel + (<usize>lane << 2), step);
  for (; lane < lanes; lane++) {
    let to = panel + (<usize>lane << 2);
    let from = source + <usize>lane * stride;
    for (let k = 0; k < depth; k++) {
      store<f32>(to, lane < count ? load<f32>(from) : 0);
      to += step;
      from += 4;
    }
  }
}

/** Up to `lanes` lanes that lie side by side; step k of the depth starts at source + k·stride. `lanes` is 4 or 8. */
export function packAcross(source: usize, stride: usize, count: i32, lanes: i32, depth: i32, panel: usize): void {
  const step = <usize>lanes << 2;
  if (count < lanes) {
    for (let k = 0; k < depth; k++) {
      for (let lane = 0; lane < lanes; lane++) store<f32>(panel + (<usize>lane << 2), lane < count ? load<f32>(source + (<usize>lane << 2)) : 0);
      panel += step;
      source += stride;
    }
    return;
  }
  const end = panel + <usize>depth * step;
  if (lanes === 4) {
    for (; panel < end; panel += 16) {
      v128.store(panel, v128.load(source));
      source += stride;
    }
    return;
  }
  for (; panel < end; panel += 32) {
    v128.store(panel, v128.load(source));
    v128.store(panel, v128.load(source, 16), 16);
    source += stride;
  }
}
