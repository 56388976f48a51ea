/** Embedding lookup with a gradient; ids stay plain integers because nothing differentiates through them. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../../base/assert';
import { fed } from '../../backend/gpu-backend';
import { gpuKernels } from '../../backend/gpu-run';
import { live } from '../../backend/recording';
import { differentiable, withGradient } from '../differentiable';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { packedRows } from '../packed-rows/op';
import { RowShards, type Table } from '../shards';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/**
 * Rows of a table, as torch.nn.functional.embedding.
 * @param table [V, H]; a packed one gets no gradient
 * @param ids N integers in [0, V)
 * @param paddingId the row that gets no gradient (torch's `padding_idx`), or null
 * @returns [N, H]
 */
export function embedding(table: Table, ids: Int32Array, paddingId: number | null, frozen = false): tf.Tensor2D {
  if (table instanceof RowShards) return fromShards(table, ids, paddingId, frozen);
  if (table instanceof PackedMatrix) return packedRows(table, ids);
  if (frozen) return reference.forward(table, ids);
  return differentiable([table], (table) =>
    withGradient(reference.forward(table, ids), [], (dy) => [gradient(dy, ids, table.shape[0], paddingId)]),
  );
}

/**
 * Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId`, which may be one that no table has, get nothing.
 */
const gradient = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  webgpu: (gpu, dy, ids, vocabulary, paddingId) =>
    must(webgpu.backward(gpu, dy, [{ ids, vocabulary, paddingId }])[0], 'gradient'),
  reference: reference.backward,
});

/** The place in a shard of an id whose row is not there, or gets no gradient. */
const ELSEWHERE = -1;

/** Each shard gives the rows that it has and zeros for the others: their sum is the rows to the last bit. */
function fromShards(table: RowShards, ids: Int32Array, paddingId: number | null, frozen: boolean): tf.Tensor2D {
  const { shards, starts } = table;
  const placesIn = ({ shape: [rows] }: Matrix, s: number, without: number | null): Int32Array => {
    const start = starts[s] ?? 0;
    return live(() => ids.map((id) => (id >= start && id < start + rows && id !== without ? id - start : ELSEWHERE)));
  };
  const rowsOf = (shard: Matrix, s: number): tf.Tensor2D => {
    const places = placesIn(shard, s, null);
    const rows = embedding(
      shard,
      live(() => places.map((place) => Math.max(place, 0))),
      null,
      true,
    );
    return tf.mul(
      rows,
      fed([ids.length, 1], 'float32', () => Float32Array.from(places, (place) => (place === ELSEWHERE ? 0 : 1))),
    );
  };
  const value = (): tf.Tensor2D => tf.tidy(() => shards.map(rowsOf).reduce((sum, rows) => tf.add(sum, rows)));
  const trained = frozen ? [] : shards.filter((shard) => shard instanceof tf.Tensor);
  if (trained.length === 0) return value();
  return differentiable(trained, () =>
    withGradient(value(), [], (dy) =>
      trained.map((shard, s) => gradient(dy, placesIn(shard, s, paddingId), shard.shape[0], ELSEWHERE)),
    ),
  );
}

/** A table [V, H], the rows that are wanted, and the id that gets no gradient. */
export interface Lookup {
  table: Table;
  ids: Int32Array;
  paddingId: number | null;
  frozen: boolean;
}

/**
 * The sum of as many `embedding`s, [N, H]; one dispatch on WebGPU, where all tables are whole and all are trained or
 * none is.
 */
export function embeddingSum(lookups: readonly Lookup[]): tf.Tensor2D {
  const gpu = gpuKernels();
  const frozen = lookups.filter((lookup) => lookup.frozen).length;
  const tables = lookups.flatMap(({ table }) => (table instanceof tf.Tensor ? [table] : []));
  const apart = !gpu || tables.length < lookups.length || (frozen > 0 && frozen < lookups.length);
  if (apart)
    return lookups
      .map(({ table, ids, paddingId, frozen }) => embedding(table, ids, paddingId, frozen))
      .reduce((sum, rows) => tf.add(sum, rows));
  const value = (tables: readonly tf.Tensor2D[]): tf.Tensor2D =>
    webgpu.rows(
      gpu,
      tables,
      lookups.map(({ ids }) => ids),
    );
  if (frozen > 0) return value(tables);
  return differentiable(tables, (...tables) =>
    withGradient(value(tables), [], (dy) =>
      webgpu.backward(
        gpu,
        dy,
        lookups.map(({ table, ids, paddingId }) => ({ ids, vocabulary: table.shape[0], paddingId })),
      ),
    ),
  );
}
