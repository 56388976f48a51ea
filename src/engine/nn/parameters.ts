/** A model's parameters under their Hugging Face names, as tensors on the active backend. */
import { matrixOf, vectorOf } from '../backend/shaped';
import * as tf from '@tensorflow/tfjs-core';
import { assert, must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { toFloat32 } from '../../formats/dtype';
import { packedBytes } from '../../formats/gguf/types';
import type { NamedTensor, PackedBlocks } from '../../formats/tensor';
import { bitsOf, PackedMatrix, packedMatrix, packedWords, type Matrix } from '../kernels/packed/matrix';
import { packedRows, unpacked } from '../kernels/packed-rows/op';
import { rowRanges, RowShards, type RowRange, type Table } from '../kernels/shards';
import { split, wholeShape, type Part } from './shards';

/**
 * One weight, or a shard of one, under the weight's name. An update changes its tensor in place or replaces it, as the
 * backend has it; a packed one is never updated.
 */
export class Parameter {
  readonly name: string;
  readonly trainable: boolean;
  private readonly transposed: boolean;
  private current: tf.Tensor | PackedMatrix;

  /** @param transposed the value is packed as the transpose of what checkpoints hold under this name */
  constructor(name: string, value: tf.Tensor | PackedMatrix, trainable: boolean, transposed = false) {
    this.name = name;
    this.trainable = trainable;
    this.transposed = transposed;
    this.current = value;
    tf.keep(this.held);
  }

  /** The values; not of a packed parameter. */
  get tensor(): tf.Tensor {
    assert(!(this.current instanceof PackedMatrix), `${this.name} is packed`);
    return this.current;
  }

  /** The values of one axis, such as a bias. */
  get vector(): tf.Tensor1D {
    return vectorOf(this.tensor);
  }

  /** The matrix, which is not packed. */
  get floats(): tf.Tensor2D {
    return matrixOf(this.tensor);
  }

  /** The matrix as layers multiply with it. */
  get matrix(): Matrix {
    return this.current instanceof PackedMatrix ? this.current : this.floats;
  }

  /** What the device holds of it: its values, or the words that they are packed in. */
  get held(): tf.Tensor {
    return this.current instanceof PackedMatrix ? this.current.words : this.current;
  }

  get size(): number {
    return this.current.size;
  }

  /** The values in the checkpoint's layout, as a new tensor; those that its blocks stand for when it is packed. */
  values(): tf.Tensor {
    const { current, transposed } = this;
    if (!(current instanceof PackedMatrix)) return tf.clone(current);
    return tf.tidy(() => (transposed ? tf.transpose(unpacked(current)) : unpacked(current)));
  }

  /**
   * The same in parts of at most `most` bytes where the values are packed: unpacked they may be larger than what the
   * device takes.
   */
  parts(most: number | null): Part[] {
    const { current, name, transposed } = this;
    if (!(current instanceof PackedMatrix) || transposed) return [{ name, values: () => this.values() }];
    const [count, columns] = current.shape;
    return rowRanges(count, 4 * columns, most).map(({ at, rows }) => ({
      name,
      values: () =>
        packedRows(
          current,
          Int32Array.from({ length: rows }, (_, row) => at + row),
        ),
    }));
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

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** Throws `bad-model` naming the tensor when its shape is another than the configuration asks for. */
export function checkShape(tensor: NamedTensor, name: string, shape: readonly number[]): void {
  if (!sameShape(tensor.shape, shape))
    throw new TabtuneError(
      'bad-model',
      `The tensor "${name}" has the shape [${tensor.shape.join(', ')}], but the configuration asks for ` +
        `[${shape.join(', ')}].`,
      { place: { tensor: name }, fix: 'Use the config.json that belongs to these weights.' },
    );
}

/**
 * A checkpoint tensor as F32 values, checked against the shape that the configuration asks for; throws `bad-model`
 * naming it.
 */
export function checkedValues(tensor: NamedTensor, name: string, shape: readonly number[]): Float32Array {
  checkShape(tensor, name, shape);
  return toFloat32(tensor);
}

/** Which parameters may be kept in shards: tables whose rows are looked up or multiplied with. */
export interface Sharding {
  tables: readonly string[];
  /** Bytes that the device takes in one piece; null: no limit. */
  most: number | null;
}

/** An ordered set of parameters by name. */
export class ParameterStore {
  private readonly byName = new Map<string, Parameter[]>();
  private readonly sharding: Sharding;

  constructor(sharding: Sharding) {
    this.sharding = sharding;
  }

  add(name: string, shape: readonly number[], values: Float32Array, trainable: boolean): void {
    const [rows = 0, ...others] = shape;
    const width = values.length / rows;
    const shards = this.newShards(name);
    for (const { at, rows: count } of this.ranges(name, rows, 4 * width))
      shards.push(
        new Parameter(
          name,
          tf.tensor(values.subarray(at * width, (at + count) * width), [count, ...others], 'float32'),
          trainable,
        ),
      );
  }

  /**
   * Adds a frozen matrix; see `Parameter` for `transposed`.
   * @throws `bad-model` when a block's scale is no finite number
   */
  addPacked(name: string, { type, shape: [rows, columns], bytes }: PackedBlocks, transposed: boolean): void {
    const stride = packedBytes(type, columns);
    const shards = this.newShards(name);
    for (const { at, rows: count } of this.ranges(name, rows, 4 * packedWords(columns, bitsOf(type))))
      shards.push(
        new Parameter(
          name,
          packedMatrix(
            { type, shape: [count, columns], bytes: bytes.subarray(at * stride, (at + count) * stride) },
            name,
          ),
          false,
          transposed,
        ),
      );
  }

  /** Known before it is filled, so that what was made of it is disposed with the others when the rest cannot be. */
  private newShards(name: string): Parameter[] {
    const shards: Parameter[] = [];
    this.byName.set(name, shards);
    return shards;
  }

  private ranges(name: string, rows: number, rowBytes: number): RowRange[] {
    const { tables, most } = this.sharding;
    return rowRanges(rows, rowBytes, tables.includes(name) ? most : null);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** A parameter that is no table. */
  get(name: string): Parameter {
    const [parameter, ...others] = this.shards(name);
    assert(parameter !== undefined && others.length === 0, `${name} is kept in shards`);
    return parameter;
  }

  /** A table whole or in shards, and whether it gets no gradient. */
  table(name: string): { table: Table; frozen: boolean } {
    const shards = this.shards(name);
    const first = must(shards[0], name);
    return {
      table: shards.length === 1 ? first.matrix : new RowShards(shards.map(({ matrix }) => matrix)),
      frozen: !first.trainable,
    };
  }

  private shards(name: string): readonly Parameter[] {
    return must(this.byName.get(name), `parameter ${name}`);
  }

  /** Every parameter, those in shards as these. */
  all(): Parameter[] {
    return [...this.byName.values()].flat();
  }

  /** A parameter's values in parts that the device can take. */
  parts(parameter: Parameter): Part[] {
    return parameter.parts(this.sharding.most);
  }

  trainable(): Parameter[] {
    return this.all().filter((parameter) => parameter.trainable);
  }

  /**
   * Puts values back under the same names and shapes; throws `bad-model` naming one that does not fit, before anything
   * is changed.
   */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    const values = [...tensors].map(([name, tensor]) => {
      const shards = this.byName.get(name);
      if (!shards)
        throw new TabtuneError('bad-model', `The tensor "${name}" is no part of this model.`, {
          place: { tensor: name },
        });
      return {
        shards,
        values: split(checkedValues(tensor, name, wholeShape(shards.map(({ tensor: { shape } }) => shape))), shards),
      };
    });
    // The copy matters: the cpu backend would otherwise share the caller's memory.
    for (const { shards, values: restored } of values)
      for (const [i, shard] of shards.entries())
        shard.replace(tf.keep(tf.tensor(must(restored[i], 'values').slice(), shard.tensor.shape, 'float32')));
  }

  dispose(): void {
    for (const parameter of this.all()) parameter.dispose();
    this.byName.clear();
  }
}
