/** Matrix products on WebGPU: the kernel that suits adapter and sizes, run among tfjs's own work. */
import { matrixOf } from '../../backend/shaped';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { must } from '../../../base/assert';
import { f32, gpuRun, u32, type Uniform } from '../../backend/gpu-run';
import { dropThreshold, type DropoutKey } from '../dropout/mask';
import type { GeluForm } from '../gelu/reference';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { chooseKernel } from './choice';
import { resultParts, type Kernel, type Layout, type Sizes } from './layout';
import type { Operands } from './operands';
import { passesOf, type Pass, type Shape } from './passes';

/** A product as `Operands` describes it, with its tensors. */
export interface Product {
  layout: Layout;
  sizes: Sizes;
  /** Where there are several parts, planes of it or a tensor for each. */
  a: tf.Tensor | readonly tf.Tensor[];
  /** Matrices, or planes of one. */
  b: readonly (tf.Tensor | PackedMatrix)[];
  /** 1 unless said. */
  parts?: number;
  apart?: boolean;
  /** NT: C is a tensor for each part, and so is what is added to it. */
  splitC?: boolean;
  bias?: readonly tf.Tensor1D[];
  scale?: number;
  /** One key for each part, all of one rate. */
  drop?: Drop;
  gelu?: GeluForm | null;
  times?: tf.Tensor | null;
  /** Each as C, or planes [m, n] of it that are added up. */
  plus?: readonly tf.Tensor[];
  columnSums?: boolean;
}

/** Dropout within a product; with the rate 0 there is none. */
export interface Drop {
  of: 'a' | 'b' | 'sums';
  keys: readonly DropoutKey[];
}

/** Parts that uniforms have keys for. */
const MOST_KEYS = 4;

/**
 * The results by a kernel that fits: C ([parts, m, n] in NT with parts; one for each in TN and where it is split), then
 * slope or column sums.
 */
export function multiplyWith(kernel: Kernel, gpu: WebGPUBackend, given: Product): tf.Tensor[] {
  const { a, b, bias = [], times, plus = [] } = given;
  const [product, sum] = passesOf(kernel, shapeOf(given), packedOf(given)?.scalesAt ?? null);
  const pass = (pass: Pass, inputs: readonly tf.Tensor[]): tf.Tensor[] => encode(gpu, pass, given, inputs);
  const matrices = [...(isSplit(a) ? a : [a]), ...b.map((each) => (each instanceof PackedMatrix ? each.words : each))];
  const others = [...bias, ...(times ? [times] : []), ...plus];
  if (!sum) return pass(product, [...matrices, ...others]);
  const pieces = pass(product, matrices);
  const results = pass(sum, [...pieces, ...others]);
  for (const piece of pieces) piece.dispose();
  return results;
}

const encode = (
  gpu: WebGPUBackend,
  { uniforms, factors, ...run }: Pass,
  product: Product,
  inputs: readonly tf.Tensor[],
): tf.Tensor[] =>
  gpuRun(gpu, { ...run, inputs, uniforms: [...uniforms.map(u32), ...(factors ? factorsOf(product) : [])] });

/** Scale, threshold, keep, a word that is not used, and the keys. */
function factorsOf({ scale = 1, drop }: Product): Uniform[] {
  const keys = Array.from({ length: MOST_KEYS }, (_, part) => drop?.keys[part]);
  const rate = keys[0]?.rate ?? 0;
  return [
    f32(scale),
    u32(dropThreshold(rate)),
    f32(1 / (1 - rate)),
    u32(0),
    ...keys.map((key) => u32(key ? () => key.key : 0)),
  ];
}

const isSplit = (a: Product['a']): a is readonly tf.Tensor[] => Array.isArray(a);

const packedOf = ({ b: [first] }: Product): PackedMatrix | null => (first instanceof PackedMatrix ? first : null);

function shapeOf(product: Product): Shape {
  const {
    layout,
    sizes,
    a,
    parts = 1,
    apart = false,
    splitC = false,
    bias = [],
    scale = 1,
    drop,
    gelu = null,
    times,
    plus = [],
    columnSums = false,
  } = product;
  const { m, n } = sizes;
  const operands: Operands = {
    parts,
    apart,
    split: isSplit(a) ? 'a' : splitC ? 'c' : null,
    bias: bias.length > 0,
    packed: packedOf(product)?.bits ?? null,
    scaled: scale !== 1,
    drop: drop?.keys[0]?.rate ? drop.of : null,
    gelu,
    times: Boolean(times),
    plus: [],
    columnSums,
  };
  const c = (layout === 'TN' || splitC ? 1 : resultParts(layout, operands)) * m * n;
  return { layout, sizes, operands: { ...operands, plus: plus.map(({ size }) => size / c) } };
}

/** The results by the kernel that suits them; see `multiplyWith`. */
export const run = (gpu: WebGPUBackend, product: Product): tf.Tensor[] =>
  multiplyWith(chooseKernel(shapeOf(product)), gpu, product);
const only = ([result]: readonly tf.Tensor[]): tf.Tensor2D => matrixOf(must(result, 'result'));

/** What becomes of a product's values: first `times` by each, then `plus` each; [m, n]. */
export interface Finish {
  times?: tf.Tensor | null;
  plus?: tf.Tensor | null;
}

const finishing = ({ times = null, plus }: Finish): Pick<Product, 'times' | 'plus'> => ({
  times,
  plus: plus ? [plus] : [],
});

/** x [m, k] · w [n, k]ᵀ (+ bias [n]) → [m, n]. */
export const multiplyTransposed = (
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  w: Matrix,
  bias: tf.Tensor1D | null,
  finish: Finish = {},
): tf.Tensor2D =>
  only(
    run(gpu, {
      layout: 'NT',
      sizes: { m: x.shape[0], n: w.shape[0], k: x.shape[1] },
      a: x,
      b: [w],
      bias: bias ? [bias] : [],
      ...finishing(finish),
    }),
  );

/** gelu(x [m, k] · w [n, k]ᵀ + bias [n]) and its slope there, [m, n] each. */
export function multiplyThenGelu(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  w: Matrix,
  bias: tf.Tensor1D | null,
  gelu: GeluForm,
): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const sizes = { m: x.shape[0], n: w.shape[0], k: x.shape[1] };
  const [y, derivative] = run(gpu, { layout: 'NT', sizes, a: x, b: [w], bias: bias ? [bias] : [], gelu }).map(matrixOf);
  return { y: must(y, 'value'), derivative: must(derivative, 'slope') };
}

/** a [m, k] · b [k, n] (+ bias [n]) → [m, n]. */
export const multiply = (
  gpu: WebGPUBackend,
  a: tf.Tensor2D,
  b: Matrix,
  bias: tf.Tensor1D | null,
  finish: Finish = {},
): tf.Tensor2D =>
  only(
    run(gpu, {
      layout: 'NN',
      sizes: { m: a.shape[0], n: b.shape[1], k: a.shape[1] },
      a,
      b: [b],
      bias: bias ? [bias] : [],
      ...finishing(finish),
    }),
  );

/** a [k, m]ᵀ · b [k, n] → [m, n]. */
export const transposedMultiply = (gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D =>
  only(run(gpu, { layout: 'TN', sizes: { m: a.shape[1], n: b.shape[1], k: a.shape[0] }, a, b: [b] }));

/** Gradients of a layer's weight [out, in] and bias [out] from dy [N, out] and x [N, in]. */
export const layerGradients = (gpu: WebGPUBackend, dy: tf.Tensor2D, x: tf.Tensor2D): [tf.Tensor2D, tf.Tensor1D] =>
  run(gpu, {
    layout: 'TN',
    sizes: { m: dy.shape[1], n: x.shape[1], k: dy.shape[0] },
    a: dy,
    b: [x],
    columnSums: true,
  }) as [tf.Tensor2D, tf.Tensor1D];

/** Weights [out, in] of several layers that have one input. */
type Weights = readonly tf.Tensor2D[];

/** x [N, in] through each layer → planes [layers, N, out]. */
export function layersOfOne(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  weights: Weights,
  bias: readonly tf.Tensor1D[],
): tf.Tensor3D {
  const [n, k] = must(weights[0], 'weight').shape;
  return must(
    run(gpu, { layout: 'NT', sizes: { m: x.shape[0], n, k }, a: x, b: weights, parts: weights.length, bias })[0],
    'result',
  ) as tf.Tensor3D;
}

/** The same with a tensor [N, out] for each layer. */
export function layersApart(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  weights: Weights,
  bias: readonly tf.Tensor1D[],
): tf.Tensor2D[] {
  const [n, k] = must(weights[0], 'weight').shape;
  return run(gpu, {
    layout: 'NT',
    sizes: { m: x.shape[0], n, k },
    a: x,
    b: weights,
    parts: weights.length,
    bias,
    splitC: true,
  }).map(matrixOf);
}

/** Gradients of the layers' results: planes, or a tensor for each. */
type LayersDy = tf.Tensor3D | readonly tf.Tensor2D[];
const sizeOfEach = (dy: LayersDy, parts: number): number =>
  isSplit(dy) ? must(dy[0], 'gradient').size : dy.size / parts;

/** The gradient of that x (+ plus, each [N, in] or planes of it) from those of the results. */
export function layersInputGradient(
  gpu: WebGPUBackend,
  dy: LayersDy,
  weights: Weights,
  plus: readonly tf.Tensor[],
): tf.Tensor2D {
  const parts = weights.length;
  const [k, n] = must(weights[0], 'weight').shape;
  return only(
    run(gpu, { layout: 'NN', sizes: { m: sizeOfEach(dy, parts) / k, n, k }, a: dy, b: weights, parts, plus }),
  );
}

/** The gradients of the `parts` layers' weights, then with `columnSums` those of their biases. */
export function layersGradients(
  gpu: WebGPUBackend,
  dy: LayersDy,
  x: tf.Tensor2D,
  parts: number,
  columnSums: boolean,
): tf.Tensor[] {
  const [k, n] = x.shape;
  return run(gpu, { layout: 'TN', sizes: { m: sizeOfEach(dy, parts) / k, n, k }, a: dy, b: [x], parts, columnSums });
}
