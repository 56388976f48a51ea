/** The module's entry: kernels by number. AssemblyScript, compiled by scripts/wasm-kernels.mjs. */
import { columnSums } from './column-sums';
import { GEMM_SCRATCH, gemm } from './gemm';

/** Bytes of scratch memory that each thread needs. */
export function scratchBytes(): usize {
  return GEMM_SCRATCH;
}

export function run(kernel: i32, args: usize, from: i32, to: i32, scratch: usize): void {
  switch (kernel) {
    case 0:
      gemm(args, from, to, scratch);
      break;
    case 1:
      columnSums(args, from, to);
      break;
    default:
      unreachable();
  }
}
