/**
 * Multi-head self-attention on WebGPU without an [S, S] tensor and without barriers: a thread keeps a few rows in
 * registers and goes over the others with a running softmax; the gradient computes the probabilities again from each
 * row's log-sum (Dao, arXiv:2307.08691).
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { gpuAdapter } from '../../backend/gpu-device';
import { f32, gpuRun, threads, u32, type Uniform } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { dropoutUniforms } from '../dropout/webgpu';
import type { Tile } from './head';
import type { AttentionShape } from './reference';
import { forwardShader, keyShader, queryShader } from './shaders';

/** q, k and v, [batch·length, heads·headSize] each, or as the planes of one tensor. */
export type Sources = readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] | tf.Tensor3D;

const inPlanes = (sources: Sources): sources is tf.Tensor3D => !Array.isArray(sources);

/** Values that a thread may keep for one tensor: loads are what costs on software adapters, registers on GPUs. */
const MOST_KEPT = 128;
const MOST_ROWS = 4;

function tileFor({ headSize }: AttentionShape, planes: boolean): Tile {
  const rows = gpuAdapter()?.software ? Math.min(MOST_ROWS, Math.floor(MOST_KEPT / headSize)) : 1;
  return { headSize, rows: Math.max(1, rows), planes };
}

const uniformsOf = (s: AttentionShape, drop: DropoutKey): Uniform[] => [
  ...dropoutUniforms(drop),
  u32(s.batch),
  u32(s.length),
  u32(s.heads),
  f32(1 / Math.sqrt(s.headSize)),
];
const workgroupsOf = (s: AttentionShape, { rows }: Tile): [number, number] =>
  threads(s.batch * s.heads * Math.ceil(s.length / rows));

const sizeOf = ({ batch, length, heads, headSize }: AttentionShape): [number, number] => [
  batch * length,
  heads * headSize,
];
const tensorsOf = (sources: Sources): readonly tf.Tensor[] => (inPlanes(sources) ? [sources] : sources);

/** `stats` takes the mask along for the gradient: a shader may have no more than eight buffers on every device. */
export function forward(
  gpu: WebGPUBackend,
  sources: Sources,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; stats: tf.Tensor1D } {
  const { batch, heads, length } = shape;
  const tile = tileFor(shape, inPlanes(sources));
  const [context, stats] = gpuRun(gpu, {
    code: forwardShader(tile),
    inputs: [...tensorsOf(sources), fed([mask.length], 'float32', () => Float32Array.from(mask), mask)],
    outputs: [sizeOf(shape), [batch * (heads + 1) * length]],
    uniforms: uniformsOf(shape, drop),
    workgroups: workgroupsOf(shape, tile),
  });
  return { context, stats };
}

/**
 * @param kept sources, context and stats of the forward pass: log Σ exp(score) of each row [batch, heads, length], then
 * the mask [batch, length]
 */
export function backward<S extends Sources>(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  [sources, context, stats]: readonly [S, tf.Tensor2D, tf.Tensor1D],
  shape: AttentionShape,
  drop: DropoutKey,
): S {
  const { batch, heads, length } = shape;
  const planes = inPlanes(sources);
  const tile = tileFor(shape, planes);
  const [uniforms, workgroups] = [uniformsOf(shape, drop), workgroupsOf(shape, tile)];
  const size = sizeOf(shape);
  const queries = {
    code: queryShader(tile),
    inputs: [dy, ...tensorsOf(sources), context, stats],
    outputs: [planes ? [3, ...size] : size, [batch * heads * length]],
    uniforms,
    workgroups,
  };
  const [dq, along] = gpuRun(gpu, queries) as [tf.Tensor, tf.Tensor1D];
  // Planes: the shader goes on with the tensor whose first plane has been written.
  const inputs = [dy, ...tensorsOf(sources), stats, along, ...(planes ? [dq] : [])];
  const rest = gpuRun(gpu, {
    code: keyShader(tile),
    inputs,
    outputs: planes ? [] : [size, size],
    uniforms,
    workgroups,
  });
  return (planes ? dq : [dq, ...rest]) as S;
}
