/**
 * Between weights as files hold them, one tensor a name, and their shards on the device, which are neighbours in every
 * list of parameters.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import { fromFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import { fromGpu } from '../backend/gpu-device';

/** Neighbours of one name together. */
export function byWeight<T extends { readonly name: string }>(shards: readonly T[]): T[][] {
  const weights: T[][] = [];
  for (const shard of shards) {
    const last = weights.at(-1);
    if (last?.[0]?.name === shard.name) last.push(shard);
    else weights.push([shard]);
  }
  return weights;
}

/** The shape of a tensor that has the rows of all its shards. */
export function wholeShape(shards: readonly (readonly number[])[]): readonly number[] {
  const first = must(shards[0], 'shard');
  return shards.length === 1 ? first : [shards.reduce((sum, [rows = 0]) => sum + rows, 0), ...first.slice(1)];
}

/** The values of each shard as views of those of the whole. */
export function split(values: Float32Array, shards: readonly { readonly size: number }[]): Float32Array[] {
  let at = 0;
  return shards.map(({ size }) => values.subarray(at, (at += size)));
}

/** The values of shards in one array. */
export function join(shards: readonly Float32Array[]): Float32Array {
  if (shards.length === 1) return must(shards[0], 'shard');
  const whole = new Float32Array(shards.reduce((sum, { length }) => sum + length, 0));
  split(
    whole,
    shards.map(({ length }) => ({ size: length })),
  ).forEach((view, i) => {
    view.set(must(shards[i], 'shard'));
  });
  return whole;
}

/** Rows of a tensor of that name; neighbours of one name follow one another in it. */
export interface Part {
  readonly name: string;
  /** Its values in the checkpoint's layout, as a new tensor. */
  values: () => tf.Tensor;
}

/** Reads tensors back as F32. */
export async function readBack(parts: readonly Part[]): Promise<NamedTensor[]> {
  const out: NamedTensor[] = [];
  for (const weight of byWeight(parts)) {
    const [shapes, read]: [number[][], Float32Array[]] = [[], []];
    for (const part of weight) {
      const tensor = part.values();
      shapes.push(tensor.shape);
      read.push((await fromGpu(tensor.data<'float32'>()).finally(() => tensor.dispose())).slice());
    }
    out.push(fromFloat32(must(weight[0], 'part').name, wholeShape(shapes), join(read)));
  }
  return out;
}
