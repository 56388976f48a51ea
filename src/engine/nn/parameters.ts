/** A model's parameters under their Hugging Face names, as tensors on the active backend. */
import * as tf from '@tensorflow/tfjs-core';
import { assert, must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { fromFloat32, toFloat32 } from '../../formats/dtype';
import type { NamedTensor } from '../../formats/tensor';
import { PackedMatrix, type Matrix } from '../kernels/packed/matrix';
import { unpacked } from '../kernels/packed-rows/op';
import { fromGpu } from '../backend/gpu-device';

/** One weight. An update changes its tensor in place or replaces it, as the backend has it; a packed one is never updated. */
export class Parameter {
  readonly name: string;
  readonly trainable: boolean;
  private readonly turned: boolean;
  private current: tf.Tensor | PackedMatrix;

  /** @param turned the value is packed as the transpose of what checkpoints hold under this name */
  constructor(name: string, value: tf.Tensor | PackedMatrix, trainable: boolean, turned = false) {
    this.name = name;
    this.trainable = trainable;
    this.turned = turned;
    this.current = value;
    tf.keep(value instanceof PackedMatrix ? value.words : value);
  }

  /** The values; not of a packed parameter. */
  get tensor(): tf.Tensor {
    assert(!(this.current instanceof PackedMatrix), `${this.name} is packed`);
    return this.current;
  }

  /** The matrix as layers multiply with it. */
  get matrix(): Matrix {
    return this.current as Matrix;
  }

  get size(): number {
    return this.current.size;
  }

  /** The values in the checkpoint's layout, as a new tensor; those that its blocks stand for when it is packed. */
  values(): tf.Tensor {
    const { current, turned } = this;
    if (!(current instanceof PackedMatrix)) return tf.clone(current);
    return tf.tidy(() => (turned ? tf.transpose(unpacked(current)) : unpacked(current)));
  }

  /** Takes over `next` and disposes the former tensor. */
  replace(next: tf.Tensor): void {
    this.dispose();
    this.current = next;
  }

  dispose(): void {
    this.current.dispose();
  }
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** Throws `bad-model` naming the tensor when its shape is another than the configuration asks for. */
export function checkShape(tensor: NamedTensor, name: string, shape: readonly number[]): void {
  if (!sameShape(tensor.shape, shape))
    throw new TabtuneError('bad-model', `The tensor "${name}" has the shape [${tensor.shape.join(', ')}], but the configuration asks for [${shape.join(', ')}].`, {
      place: { tensor: name },
      fix: 'Use the config.json that belongs to these weights.',
    });
}

/** A checkpoint tensor as F32 values, checked against the shape that the configuration asks for; throws `bad-model` naming it. */
export function checkedValues(tensor: NamedTensor, name: string, shape: readonly number[]): Float32Array {
  checkShape(tensor, name, shape);
  return toFloat32(tensor);
}

/** An ordered set of parameters by name. */
export class ParameterStore {
  private readonly byName = new Map<string, Parameter>();

  add(name: string, shape: readonly number[], values: Float32Array, trainable: boolean): Parameter {
    const parameter = new Parameter(name, tf.tensor(values, [...shape], 'float32'), trainable);
    this.byName.set(name, parameter);
    return parameter;
  }

  /** Adds a frozen matrix; see `Parameter` for `turned`. */
  addPacked(name: string, matrix: PackedMatrix, turned: boolean): void {
    this.byName.set(name, new Parameter(name, matrix, false, turned));
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): Parameter {
    return must(this.byName.get(name), `parameter ${name}`);
  }

  all(): Parameter[] {
    return [...this.byName.values()];
  }

  trainable(): Parameter[] {
    return this.all().filter((parameter) => parameter.trainable);
  }

  /** Puts values back under the same names and shapes; throws `bad-model` naming one that does not fit, before anything is changed. */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    const values = [...tensors].map(([name, tensor]) => {
      const parameter = this.byName.get(name);
      if (!parameter) throw new TabtuneError('bad-model', `The tensor "${name}" is no part of this model.`, { place: { tensor: name } });
      return { parameter, values: checkedValues(tensor, name, parameter.tensor.shape) };
    });
    // The copy matters: the cpu backend would otherwise share the caller's memory.
    for (const { parameter, values: restored } of values) parameter.replace(tf.keep(tf.tensor(restored.slice(), parameter.tensor.shape, 'float32')));
  }

  dispose(): void {
    for (const parameter of this.byName.values()) parameter.dispose();
    this.byName.clear();
  }
}

/** Reads tensors back as F32. */
export async function readBack(named: readonly { name: string; tensor: tf.Tensor }[]): Promise<NamedTensor[]> {
  const out: NamedTensor[] = [];
  for (const { name, tensor } of named) out.push(fromFloat32(name, tensor.shape, (await fromGpu(tensor.data<'float32'>())).slice()));
  return out;
}
