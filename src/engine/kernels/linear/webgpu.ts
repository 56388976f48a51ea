/** Matrix products without barriers for software WebGPU adapters, which run a workgroup with a barrier as slow coroutines. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

/** Rows and columns of the result that one thread computes in registers. */
const TILE = 4;

const each = (line: (i: number) => string): string => Array.from({ length: TILE }, (_, i) => line(i)).join('\n');

/** C[m, n] = Σ_k A[m·rowA + k·stepA] · B[n·rowB + k·stepB] + bias[n]; strides serve every transposition. */
const product = (withBias: boolean): string => /* wgsl */ `
${bindings(withBias ? ['a', 'b', 'bias'] : ['a', 'b'], ['c'], 'm: u32, n: u32, k: u32, rowA: u32, stepA: u32, rowB: u32, stepB: u32')}
${MAIN}
  let across = (u.n + ${TILE - 1}u) / ${TILE}u;
  let row = (index / across) * ${TILE}u;
  let column = (index % across) * ${TILE}u;
  if (row >= u.m) { return; }
  ${each((i) => `let a${i} = min(row + ${i}u, u.m - 1u) * u.rowA; let b${i} = min(column + ${i}u, u.n - 1u) * u.rowB; var s${i} = vec4f();`)}
  for (var k = 0u; k < u.k; k++) {
    let ka = k * u.stepA;
    let kb = k * u.stepB;
    let right = vec4f(b[b0 + kb], b[b1 + kb], b[b2 + kb], b[b3 + kb]);
    ${each((i) => `s${i} += a[a${i} + ka] * right;`)}
  }
  let sums = array<vec4f, ${TILE}>(s0, s1, s2, s3);
  for (var i = 0u; i < ${TILE}u && row + i < u.m; i++) {
    for (var j = 0u; j < ${TILE}u && column + j < u.n; j++) {
      c[(row + i) * u.n + column + j] = sums[i][j]${withBias ? ' + bias[column + j]' : ''};
    }
  }
}`;

const PRODUCT = product(false);
const PRODUCT_BIAS = product(true);

interface Strides {
  m: number;
  n: number;
  k: number;
  rowA: number;
  stepA: number;
  rowB: number;
  stepB: number;
}

function run(gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D, bias: tf.Tensor1D | null, s: Strides): tf.Tensor2D {
  const [out] = gpuRun(gpu, {
    code: bias ? PRODUCT_BIAS : PRODUCT,
    inputs: bias ? [a, b, bias] : [a, b],
    outputs: [[s.m, s.n]],
    uniforms: [s.m, s.n, s.k, s.rowA, s.stepA, s.rowB, s.stepB].map(u32),
    workgroups: threads(Math.ceil(s.m / TILE) * Math.ceil(s.n / TILE)),
  });
  return out as tf.Tensor2D;
}

/** x [N, in], weight [out, in], bias [out] or null → [N, out]. */
export function forward(gpu: WebGPUBackend, x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D {
  const [m, k] = x.shape;
  return run(gpu, x, weight, bias, { m, n: weight.shape[0], k, rowA: k, stepA: 1, rowB: k, stepB: 1 });
}

export function inputGradient(gpu: WebGPUBackend, dy: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  const [k, n] = weight.shape;
  return run(gpu, dy, weight, null, { m: dy.shape[0], n, k, rowA: k, stepA: 1, rowB: 1, stepB: n });
}

export function weightGradient(gpu: WebGPUBackend, dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D {
  const [k, m] = dy.shape;
  const n = x.shape[1];
  return run(gpu, dy, x, null, { m, n, k, rowA: 1, stepA: m, rowB: 1, stepB: n });
}

const COLUMN_SUMS = /* wgsl */ `
${bindings(['x'], ['sums'], 'rows: u32, columns: u32')}
${MAIN}
  if (index >= u.columns) { return; }
  var sum = 0.0;
  for (var i = 0u; i < u.rows; i++) { sum += x[i * u.columns + index]; }
  sums[index] = sum;
}`;

/** Column sums of dy [N, out] → [out]. */
export function biasGradient(gpu: WebGPUBackend, dy: tf.Tensor2D): tf.Tensor1D {
  const [rows, columns] = dy.shape;
  const [out] = gpuRun(gpu, { code: COLUMN_SUMS, inputs: [dy], outputs: [[columns]], uniforms: [u32(rows), u32(columns)], workgroups: threads(columns) });
  return out as tf.Tensor1D;
}
