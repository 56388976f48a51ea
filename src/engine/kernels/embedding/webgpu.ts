/** The gradient of a row lookup on WebGPU: a thread a value of the table, so that sums have one order and repeat to the last bit. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { live } from '../../backend/recording';
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
  // One for each id: those of the padding are left over at the end.
  const places = new Float32Array(ids.length);
  ids.forEach((id, place) => {
    if (id !== paddingId) places[next[id]!++] = place;
  });
  return { starts, places };
}

/** Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId` get nothing. */
export function backward(gpu: WebGPUBackend, dy: tf.Tensor2D, ids: Int32Array, vocabulary: number, paddingId: number | null): tf.Tensor2D {
  const width = dy.shape[1];
  const size = vocabulary * width;
  const { starts, places } = live(() => placesById(ids, vocabulary, paddingId));
  const inputs = [dy, fed([starts.length], 'float32', () => starts), fed([places.length], 'float32', () => places)];
  return gpuRun(gpu, { code: GRADIENT, inputs, outputs: [[vocabulary, width]], uniforms: [u32(size), u32(width)], workgroups: threads(size) })[0] as tf.Tensor2D;
}
