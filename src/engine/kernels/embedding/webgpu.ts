/**
 * Row lookups and their gradients on WebGPU: there a thread a value of a table, so that sums have one order and repeat
 * to the last bit.
 */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}${i}`);

/** A thread a value of the sum of `count` lookups. */
const rowsShader = (count: number): string => /* wgsl */ `
${bindings([...numbered('table', count), 'ids'], ['sum'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.rows * u.width) { return; }
  let row = index / u.width;
  let column = index % u.width;
  sum[index] = ${numbered('table', count)
    .map((table, t) => `${table}[u32(ids[${t}u * u.rows + row]) * u.width + column]`)
    .join(' + ')};
}`;

/** `places` holds, for each table, where its rows' places start, and then those places; see `placesById`. */
const gradientShader = (count: number): string => /* wgsl */ `
${bindings(
  ['dy', 'places'],
  numbered('table', count),
  `rows: u32, width: u32, ${numbered('size', count)
    .map((size) => `${size}: u32`)
    .join(', ')}`,
)}
fn sumOf(starts: u32, row: u32, column: u32, vocabulary: u32) -> f32 {
  let first = starts + vocabulary + 1u;
  let end = first + u32(places[starts + row + 1u]);
  var sum = 0.0;
  for (var n = first + u32(places[starts + row]); n < end; n++) { sum += dy[u32(places[n]) * u.width + column]; }
  return sum;
}
${MAIN}
  var at = index;
  var starts = 0u;
  ${numbered('size', count)
    .map(
      (size, t) =>
        `if (at < u.${size} * u.width) { table${t}[at] = sumOf(starts, at / u.width, at % u.width, u.${size}); return;
        } at -= u.${size} * u.width; starts += u.${size} + 1u + u.rows;`,
    )
    .join('\n  ')}
}`;

/** What is looked up: in a table of `vocabulary` rows; those of `paddingId` get no gradient. */
export interface Lookup {
  ids: Int32Array;
  vocabulary: number;
  paddingId: number | null;
}

/** Several arrays, one behind the other. */
function joined(arrays: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  arrays.reduce((at, array) => (all.set(array, at), at + array.length), 0);
  return all;
}

/** The sum of one row of each table [V, H] for each of N places → [N, H]. */
export function rows(gpu: WebGPUBackend, tables: readonly tf.Tensor2D[], ids: readonly Int32Array[]): tf.Tensor2D {
  const [count, width] = [ids[0]?.length ?? 0, tables[0]?.shape[1] ?? 0];
  const inputs = [...tables, fed([tables.length * count], 'float32', () => joined(ids))];
  return gpuRun(gpu, {
    code: rowsShader(tables.length),
    inputs,
    outputs: [[count, width]],
    uniforms: [u32(count), u32(width)],
    workgroups: threads(count * width),
  })[0];
}

/**
 * Writes where each id's places start, V + 1 values, and then the places, id after id: those of id v are from
 * `starts[v]` to `starts[v + 1]`. A counting sort, in place: this is done before every step, over all of a vocabulary.
 */
function writePlaces({ ids, vocabulary, paddingId }: Lookup, target: Float32Array): void {
  const starts = target.subarray(0, vocabulary + 1);
  const places = target.subarray(vocabulary + 1);
  starts.fill(0);
  for (const id of ids) if (id !== paddingId) starts[id] = must(starts[id]) + 1;
  let end = 0;
  for (let v = 0; v <= vocabulary; v++) starts[v] = end += must(starts[v]);
  // Back to front, so that an id's places stay in order and its end becomes its start. Those of the padding are left
  // over.
  for (let place = ids.length - 1; place >= 0; place--) {
    const id = must(ids[place]);
    if (id !== paddingId) places[(starts[id] = must(starts[id]) - 1)] = place;
  }
}

/** Sums the rows of dy [N, H] into a dense [V, H] for each lookup. */
export function backward(gpu: WebGPUBackend, dy: tf.Tensor2D, lookups: readonly Lookup[]): tf.Tensor2D[] {
  const [count, width] = dy.shape;
  const sizes = lookups.map(({ vocabulary }) => vocabulary);
  const lengths = lookups.map(({ ids, vocabulary }) => vocabulary + 1 + ids.length);
  const places = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  const written = (): Float32Array => {
    lookups.reduce(
      (at, lookup, t) => (writePlaces(lookup, places.subarray(at, at + must(lengths[t]))), at + must(lengths[t])),
      0,
    );
    return places;
  };
  return gpuRun(gpu, {
    code: gradientShader(lookups.length),
    inputs: [dy, fed([places.length], 'float32', written)],
    outputs: sizes.map((size) => [size, width] as const),
    uniforms: [count, width, ...sizes].map(u32),
    workgroups: threads(sizes.reduce((sum, size) => sum + size * width, 0)),
  });
}
