/** The module's entry: kernels by number. AssemblyScript, compiled by scripts/wasm-kernels.mjs. */
import { adamw, sumOfSquares } from './adamw';
import { attention, attentionGradient } from './attention';
import { causalAttention, causalAttentionGradient } from './causal-attention';
import { columnSums } from './column-sums';
import { dropout } from './dropout';
import { embeddingGradient } from './embedding';
import { gelu } from './gelu';
import { GEMM_SCRATCH, gemm } from './gemm';
import { layerNorm, layerNormGradient, layerNormSums } from './layer-norm';
import { packedGemm, packedRows } from './packed';
import { rmsNorm, rmsNormGradient, rmsNormSums } from './rms-norm';
import { rope } from './rope';
import { swiglu, swigluGradient } from './swiglu';
import { tokenLogProbabilities, tokenLogitGradient } from './token-loss';

export { serve, share } from './threads';

/** Bytes of scratch memory that each thread needs, beside what a kernel asks for itself. */
export function scratchBytes(): usize {
  return GEMM_SCRATCH;
}

/** Runs the units [from, to) of a kernel's work; its number stands in kernels.ts. */
export function run(kernel: i32, args: usize, from: i32, to: i32, scratch: usize): void {
  if (kernel === 0) gemm(args, from, to, scratch);
  else if (kernel === 1) columnSums(args, from, to);
  else if (kernel === 2) adamw(args, from, to);
  else if (kernel === 3) sumOfSquares(args, from, to);
  else if (kernel === 4) attention(args, from, to, scratch);
  else if (kernel === 5) attentionGradient(args, from, to, scratch);
  else if (kernel === 6) layerNorm(args, from, to);
  else if (kernel === 7) layerNormGradient(args, from, to);
  else if (kernel === 8) layerNormSums(args, from, to);
  else if (kernel === 9) gelu(args, from, to);
  else if (kernel === 10) dropout(args, from, to);
  else if (kernel === 11) embeddingGradient(args, from, to);
  else if (kernel === 12) swiglu(args, from, to);
  else if (kernel === 13) swigluGradient(args, from, to);
  else if (kernel === 14) rmsNorm(args, from, to);
  else if (kernel === 15) rmsNormGradient(args, from, to);
  else if (kernel === 16) rmsNormSums(args, from, to);
  else if (kernel === 17) causalAttention(args, from, to, scratch);
  else if (kernel === 18) causalAttentionGradient(args, from, to, scratch);
  else if (kernel === 19) rope(args, from, to);
  else if (kernel === 20) tokenLogProbabilities(args, from, to);
  else if (kernel === 21) tokenLogitGradient(args, from, to);
  else if (kernel === 22) packedGemm(args, from, to, scratch);
  else if (kernel === 23) packedRows(args, from, to);
  else unreachable();
}
