/** The gradient of a row lookup on WebGPU: a thread a value of the table, so that sums have one order and repeat to the last bit. */
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

const GRADIENT = /* wgsl */ `
${bindings(['dy', 'starts', 'places'], ['table'], 'size: u32, width: u32')}
${MAIN}
  if (index >= u.size) { return; }
  let row = index / u.width;
  let column = index % u.width;
  let end = u32(starts[row + 1u]);
  var sum = 0.0;
  for (var n = u32(starts[row]); n < end; n++) { sum += dy[u32(places[n]) * u.width + column]; }
  table[index] = sum;
}`;

/** The places of each id in `ids`, id after id: those of id v are `places` from `starts[v]` to `starts[v + 1]`. A counting sort. */
function placesById(ids: Int32Array, vocabulary: number, paddingId: number | null): { starts: Float32Array; places: Float32Array } {
  const starts = new Float32Array(vocabulary + 1);
  for (const id of ids) if (id !== paddingId) starts[id + 1]!++;
  for (let v = 0; v < vocabulary; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  // Never empty, for a buffer of no bytes cannot be bound.
  const places = new Float32Array(Math.max(1, starts[vocabulary]!));
  ids.forEach((id, place) => {
    if (id !== paddingId) places[next[id]!++] = place;
  });
  return { starts, places };
}

/** Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId` get nothing. */
export function backward(gpu: WebGPUBackend, dy: tf.Tensor2D, ids: Int32Array, vocabulary: number, paddingId: number | null): tf.Tensor2D {
  const width = dy.shape[1];
  const size = vocabulary * width;
  const { starts, places } = placesById(ids, vocabulary, paddingId);
  const inputs = [dy, tf.tensor1d(starts), tf.tensor1d(places)];
  return gpuRun(gpu, { code: GRADIENT, inputs, outputs: [[vocabulary, width]], uniforms: [u32(size), u32(width)], workgroups: threads(size) })[0] as tf.Tensor2D;
}
