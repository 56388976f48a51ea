/** Rows of a packed matrix on WebGPU: a thread writes four values. */
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';
import type { Bits, PackedMatrix } from '../packed/matrix';
import { quadReader } from '../packed/wgsl';

const code = (bits: Bits): string => /* wgsl */ `
struct Uniforms { size: u32, width: u32, scalesAt: u32 }
@group(0) @binding(0) var<storage, read> w: array<u32>;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> rows: array<vec4f>;
@group(0) @binding(3) var<uniform> u: Uniforms;
${quadReader('w', bits)}
${MAIN}
  if (index >= u.size) { return; }
  rows[index] = wQuad(ids[index / u.width] * u.width + index % u.width, u.scalesAt);
}`;

/** ids [N] → [N, columns]. */
export function rows(gpu: WebGPUBackend, { words, shape, bits, scalesAt }: PackedMatrix, ids: Int32Array): tf.Tensor2D {
  const columns = shape[1];
  const width = columns / 4;
  const size = ids.length * width;
  return tf.tidy(() => {
    const inputs = [words, fed([ids.length], 'int32', () => ids)];
    return gpuRun(gpu, {
      code: code(bits),
      inputs,
      outputs: [[ids.length, columns]],
      uniforms: [u32(size), u32(width), u32(scalesAt)],
      workgroups: threads(size),
    })[0];
  });
}
