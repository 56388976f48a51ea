/** Reads small results of GPU work without holding up what follows. */
import type { GpuBackend } from './gpu-backend';
import type { Result } from './recording';

/** Buffers to read through that are free, by size in bytes; mapping one takes longer than making the copy. */
const free = new WeakMap<GPUDevice, Map<number, GPUBuffer[]>>();

/** A place for these results: `copy` encodes the copies, `read` waits for them after the submission. */
export function resultReader(
  device: GPUDevice,
  results: readonly Result[],
): { copy: (encoder: GPUCommandEncoder) => void; read(): Promise<Float32Array[]> } {
  const total = results.reduce((sum, { size }) => sum + size, 0);
  const bySize = free.get(device) ?? new Map<number, GPUBuffer[]>();
  free.set(device, bySize);
  const buffer =
    bySize.get(total)?.pop() ??
    device.createBuffer({ size: total, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  return {
    copy: (encoder) => {
      let at = 0;
      for (const { buffer: from, size } of results) {
        encoder.copyBufferToBuffer(from, 0, buffer, at, size);
        at += size;
      }
    },
    async read() {
      await buffer.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(buffer.getMappedRange().slice(0));
      buffer.unmap();
      bySize.set(total, [...(bySize.get(total) ?? []), buffer]);
      let at = 0;
      return results.map(({ size }) => values.subarray(at, (at += size / 4)));
    },
  };
}

/** Values of what has been encoded so far. */
export async function readResults(gpu: GpuBackend, results: readonly Result[]): Promise<Float32Array[]> {
  const reader = resultReader(gpu.device, results);
  gpu.flush();
  const encoder = gpu.device.createCommandEncoder();
  reader.copy(encoder);
  gpu.queue.submit([encoder.finish()]);
  return reader.read();
}
