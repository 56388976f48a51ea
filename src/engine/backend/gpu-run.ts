/** Runs our own shaders among tfjs's: recorded on its command encoder, so order is kept without extra submissions. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assert } from '../../base/assert';
import { gpuBackend, GpuBackend } from './gpu-backend';
import { isReferenceOnly } from './host-memory';
import { allShaped, type AllShaped } from './shaped';

/** The WebGPU backend when it is active and kernels of our own are wanted. */
export const gpuKernels = (): GpuBackend | null => (isReferenceOnly() ? null : gpuBackend());

/**
 * A value of the uniform struct: whole numbers as u32, others as f32. A function gives one that changes from step to
 * step.
 */
export type Uniform = { u32: number | (() => number) } | { f32: number | (() => number) };
export const u32 = (value: number | (() => number)): Uniform => ({ u32: value });
export const f32 = (value: number | (() => number)): Uniform => ({ f32: value });

const valueOf = (given: number | (() => number)): number => (typeof given === 'function' ? given() : given);

/** A uniform buffer with these 32-bit values. */
export function uniformsBuffer(backend: GpuBackend, values: readonly Uniform[]): GPUBuffer {
  const bytes = new DataView(new ArrayBuffer(Math.ceil((values.length * 4) / 16) * 16));
  const changing = values.some((value) => typeof ('u32' in value ? value.u32 : value.f32) === 'function');
  return backend.uniforms(bytes.byteLength, changing, () => {
    values.forEach((value, i) =>
      'u32' in value
        ? bytes.setUint32(i * 4, valueOf(value.u32), true)
        : bytes.setFloat32(i * 4, valueOf(value.f32), true),
    );
    return bytes.buffer;
  });
}

export interface GpuRun<S extends readonly (readonly number[])[]> {
  /** WGSL with entry point `main`: inputs at bindings 0…, outputs after them, the uniform struct last. */
  code: string;
  inputs: readonly tf.Tensor[];
  outputs: S;
  uniforms: readonly Uniform[];
  workgroups: readonly [number, number?, number?];
}

/**
 * Runs a shader and returns its outputs as new float tensors (contents are undefined where the shader does not write).
 */
export function gpuRun<const S extends readonly (readonly number[])[]>(
  backend: WebGPUBackend,
  { code, inputs, outputs, uniforms, workgroups }: GpuRun<S>,
): AllShaped<S> {
  assert(backend instanceof GpuBackend, 'the active WebGPU backend is not ours');
  const results = allShaped<S>(outputs, (shape) => backend.makeTensorInfo(shape, 'float32'));
  backend.dispatch(code, [...inputs, ...results, uniformsBuffer(backend, uniforms)], workgroups);
  return results;
}

/** Threads a workgroup of one-dimensional shaders, and the widest row of workgroups that every device allows. */
export const WORKGROUP = 64;
const MOST_WORKGROUPS = 65_535;

/** Workgroups for `count` threads, over two dimensions when one does not suffice; see THREAD_INDEX. */
export function threads(count: number): [number, number] {
  const groups = Math.max(1, Math.ceil(count / WORKGROUP));
  const rows = Math.ceil(groups / MOST_WORKGROUPS);
  return [Math.ceil(groups / rows), rows];
}

/** WGSL head of a one-dimensional shader: `index` counts threads over both dimensions; `mix32` is base/random's. */
export const MAIN = /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.x + id.y * groups.x * ${WORKGROUP}u;`;

/** WGSL of the dropout decision: the factor of element `at` under a key. */
export const DROPOUT = /* wgsl */ `
fn mix32(value: u32) -> u32 {
  var h = value;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
fn dropoutFactor(key: u32, threshold: u32, keep: f32, at: u32) -> f32 {
  return select(keep, 0.0, mix32(key ^ ((at + 1u) * 0x9e3779b1u)) < threshold);
}`;

/** Declares storage buffers at bindings 0…, and the uniform struct `u` after them. */
export function bindings(inputs: readonly string[], outputs: readonly string[], uniforms: string): string {
  const lines = [
    ...inputs.map((name) => `<storage, read> ${name}: array<f32>`),
    ...outputs.map((name) => `<storage, read_write> ${name}: array<f32>`),
  ];
  const storage = lines.map((line, i) => `@group(0) @binding(${i}) var${line};`);
  return [
    `struct Uniforms { ${uniforms} }`,
    ...storage,
    `@group(0) @binding(${lines.length}) var<uniform> u: Uniforms;`,
  ].join('\n');
}
