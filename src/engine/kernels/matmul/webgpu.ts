/** Matrix products on WebGPU: the kernel that suits adapter and sizes, run among tfjs's own work. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { must } from '../../../base/assert';
import { gpuRun, u32 } from '../../backend/gpu-run';
import type { GeluForm } from '../gelu/reference';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { chooseKernel } from './choice';
import type { Kernel, Layout, Sizes } from './layout';
import { passesOf, type Pass, type Shape } from './passes';

/** A product as `Operands` describes it, with its tensors. */
export interface Product {
  layout: Layout;
  sizes: Sizes;
  /** Planes, where there are several parts. */
  a: tf.Tensor;
  b: readonly Matrix[];
  /** 1 unless said. */
  parts?: number;
  bias?: readonly tf.Tensor1D[];
  gelu?: GeluForm;
  times?: tf.Tensor | null;
  plus?: tf.Tensor | null;
  columnSums?: boolean;
}

/** The results by a kernel that fits: C ([parts, m, n] in NT with parts; one for each in TN), then slope or column sums. */
export function multiplyWith(kernel: Kernel, gpu: WebGPUBackend, given: Product): tf.Tensor[] {
  const { a, b, bias = [], times, plus } = given;
  const [product, sum] = passesOf(kernel, shapeOf(given), packedOf(given)?.scalesAt ?? null);
  const matrices = [a, ...b.map((each) => (each instanceof PackedMatrix ? each.words : each))];
  const others = [...bias, ...(times ? [times] : []), ...(plus ? [plus] : [])];
  if (!sum) return pass(gpu, product, [...matrices, ...others]);
  const pieces = pass(gpu, product, matrices);
  const results = pass(gpu, sum, [...pieces, ...others]);
  for (const piece of pieces) piece.dispose();
  return results;
}

const pass = (gpu: WebGPUBackend, { uniforms, ...run }: Pass, inputs: readonly tf.Tensor[]): tf.Tensor[] => gpuRun(gpu, { ...run, inputs, uniforms: uniforms.map(u32) });

const packedOf = ({ b: [first] }: Product): PackedMatrix | null => (first instanceof PackedMatrix ? first : null);

function shapeOf(product: Product): Shape {
  const { layout, sizes, parts = 1, bias = [], gelu = null, times, plus, columnSums = false } = product;
  return { layout, sizes, operands: { parts, bias: bias.length > 0, packed: packedOf(product)?.bits ?? null, gelu, times: Boolean(times), plus: Boolean(plus), columnSums } };
}

const run = (gpu: WebGPUBackend, product: Product): tf.Tensor[] => multiplyWith(chooseKernel(shapeOf(product)), gpu, product);
const only = ([result]: readonly tf.Tensor[]): tf.Tensor2D => must(result, 'result') as tf.Tensor2D;

/** What becomes of a product's values: first `times` by each, then `plus` each; [m, n]. */
export interface Finish {
  times?: tf.Tensor | null;
  plus?: tf.Tensor | null;
}

/** x [m, k] · w [n, k]ᵀ (+ bias [n]) → [m, n]. */
export const multiplyTransposed = (gpu: WebGPUBackend, x: tf.Tensor2D, w: Matrix, bias: tf.Tensor1D | null, finish: Finish = {}): tf.Tensor2D =>
  only(run(gpu, { layout: 'NT', sizes: { m: x.shape[0], n: w.shape[0], k: x.shape[1] }, a: x, b: [w], bias: bias ? [bias] : [], ...finish }));

/** gelu(x [m, k] · w [n, k]ᵀ + bias [n]) and its slope there, [m, n] each. */
export function multiplyThenGelu(gpu: WebGPUBackend, x: tf.Tensor2D, w: Matrix, bias: tf.Tensor1D | null, gelu: GeluForm): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const sizes = { m: x.shape[0], n: w.shape[0], k: x.shape[1] };
  const [y, derivative] = run(gpu, { layout: 'NT', sizes, a: x, b: [w], bias: bias ? [bias] : [], gelu }) as [tf.Tensor2D, tf.Tensor2D];
  return { y, derivative };
}

/** a [m, k] · b [k, n] (+ bias [n]) → [m, n]. */
export const multiply = (gpu: WebGPUBackend, a: tf.Tensor2D, b: Matrix, bias: tf.Tensor1D | null, finish: Finish = {}): tf.Tensor2D =>
  only(run(gpu, { layout: 'NN', sizes: { m: a.shape[0], n: b.shape[1], k: a.shape[1] }, a, b: [b], bias: bias ? [bias] : [], ...finish }));

/** a [k, m]ᵀ · b [k, n] → [m, n]. */
export const transposedMultiply = (gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D =>
  only(run(gpu, { layout: 'TN', sizes: { m: a.shape[1], n: b.shape[1], k: a.shape[0] }, a, b: [b] }));

/** Gradients of a layer's weight [out, in] and bias [out] from dy [N, out] and x [N, in]. */
export const layerGradients = (gpu: WebGPUBackend, dy: tf.Tensor2D, x: tf.Tensor2D): [tf.Tensor2D, tf.Tensor1D] =>
  run(gpu, { layout: 'TN', sizes: { m: dy.shape[1], n: x.shape[1], k: dy.shape[0] }, a: dy, b: [x], columnSums: true }) as [tf.Tensor2D, tf.Tensor1D];

/** Weights [out, in] of several layers that have one input. */
type Weights = readonly tf.Tensor2D[];

/** x [N, in] through each layer → planes [layers, N, out]. */
export function layersOfOne(gpu: WebGPUBackend, x: tf.Tensor2D, weights: Weights, bias: readonly tf.Tensor1D[]): tf.Tensor3D {
  const [n, k] = must(weights[0], 'weight').shape;
  return must(run(gpu, { layout: 'NT', sizes: { m: x.shape[0], n, k }, a: x, b: weights, parts: weights.length, bias })[0], 'result') as tf.Tensor3D;
}

/** The gradient of that x (+ plus) from that of the planes. */
export function layersInputGradient(gpu: WebGPUBackend, dy: tf.Tensor3D, weights: Weights, plus: tf.Tensor | null): tf.Tensor2D {
  const [k, n] = must(weights[0], 'weight').shape;
  return only(run(gpu, { layout: 'NN', sizes: { m: dy.shape[1], n, k }, a: dy, b: weights, parts: weights.length, plus }));
}

/** The gradients of their weights, then those of their biases. */
export function layersGradients(gpu: WebGPUBackend, dy: tf.Tensor3D, x: tf.Tensor2D): tf.Tensor[] {
  const [parts, k, m] = dy.shape;
  return run(gpu, { layout: 'TN', sizes: { m, n: x.shape[1], k }, a: dy, b: [x], parts, columnSums: true });
}
