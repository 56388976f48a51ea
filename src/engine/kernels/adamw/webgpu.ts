/** AdamW and the global norm over all parameters on WebGPU: one dispatch a parameter each, in one submission. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bufferOf, GpuPass, uniformBuffer } from '../../backend/gpu-pass';
import type { AdamWStep } from './op';

const WORKGROUP = 64;
/** Threads that share one parameter; each takes every THREADS-th element, so any size fits one dispatch. */
const THREADS = 64 * 1024;

const UPDATE = /* wgsl */ `
struct Step { rate: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32, kept: f32, root: f32, scale: f32 }
@group(0) @binding(0) var<storage, read_write> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> first: array<f32>;
@group(0) @binding(2) var<storage, read_write> second: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<uniform> step: Step;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${WORKGROUP}u;
  for (var i = id.x; i < arrayLength(&gradient); i += stride) {
    let g = gradient[i] * step.scale;
    let m = step.beta1 * first[i] + step.rest1 * g;
    let v = step.beta2 * second[i] + step.rest2 * g * g;
    first[i] = m;
    second[i] = v;
    weight[i] = weight[i] * step.kept - step.rate * m / (sqrt(v) * step.root + step.epsilon);
  }
}`;

/** Partial sums a parameter; the CPU adds them up in double precision. */
const PARTIALS = 64;

const SQUARES = /* wgsl */ `
@group(0) @binding(0) var<storage, read> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${WORKGROUP}u;
  var sum = 0.0;
  for (var i = id.x; i < arrayLength(&gradient); i += stride) { sum += gradient[i] * gradient[i]; }
  if (id.x < arrayLength(&partial)) { partial[id.x] = sum; }
}`;

const SUM = /* wgsl */ `
struct Place { at: u32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(2) var<uniform> place: Place;
@compute @workgroup_size(${PARTIALS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = id.x; i < arrayLength(&partial); i += ${PARTIALS}u) { sum += partial[i]; }
  sums[place.at * ${PARTIALS}u + id.x] = sum;
}`;

/** One parameter with its gradient and its moments. */
export interface GpuUpdate {
  weight: tf.Tensor;
  gradient: tf.Tensor;
  first: tf.Tensor;
  second: tf.Tensor;
  step: AdamWStep;
}

const workgroups = (size: number): number => Math.ceil(Math.min(size, THREADS) / WORKGROUP);

/** Updates weights and moments in place; `scale` multiplies the gradients. */
export function updateAll(backend: WebGPUBackend, updates: readonly GpuUpdate[], scale: number): void {
  const { device } = backend;
  const uniforms = new Map<number, GPUBuffer>();
  const uniformFor = (step: AdamWStep): GPUBuffer => {
    const known = uniforms.get(step.decay);
    if (known) return known;
    const buffer = uniformBuffer(device, 36);
    const { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 } = step;
    // 1 − β is taken before rounding to 32 bits: 1 − 0.999 in floats is off by 5e-5 of itself.
    const values = [learningRate / correction1, beta1, beta2, 1 - beta1, 1 - beta2, epsilon, 1 - learningRate * decay, 1 / Math.sqrt(correction2), scale];
    device.queue.writeBuffer(buffer, 0, Float32Array.from(values));
    uniforms.set(decay, buffer);
    return buffer;
  };
  const bound = updates.map(({ weight, first, second, gradient, step }) => ({
    buffers: [...[weight, first, second, gradient].map((tensor) => bufferOf(backend, tensor)), uniformFor(step)],
    groups: workgroups(gradient.size),
  }));
  const pass = new GpuPass(backend);
  for (const { buffers, groups } of bound) pass.dispatch(UPDATE, buffers, groups);
  pass.submit();
  for (const buffer of uniforms.values()) buffer.destroy();
}

/** Σ g² over all gradients. */
export async function sumOfSquares(backend: WebGPUBackend, gradients: readonly tf.Tensor[]): Promise<number> {
  const { device } = backend;
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const bytes = gradients.length * PARTIALS * 4;
  const sums = device.createBuffer({ size: bytes, usage: storage });
  const readable = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const temporary: GPUBuffer[] = [sums, readable];
  const sources = gradients.map((gradient) => bufferOf(backend, gradient));
  const pass = new GpuPass(backend);
  sources.forEach((source, at) => {
    const groups = workgroups(gradients[at]?.size ?? 0);
    const partial = device.createBuffer({ size: groups * WORKGROUP * 4, usage: storage });
    const place = uniformBuffer(device, 4);
    temporary.push(partial, place);
    device.queue.writeBuffer(place, 0, Uint32Array.of(at));
    pass.dispatch(SQUARES, [source, partial], groups);
    pass.dispatch(SUM, [partial, sums, place], 1);
  });
  pass.submit((encoder) => encoder.copyBufferToBuffer(sums, 0, readable, 0, bytes));
  await readable.mapAsync(GPUMapMode.READ);
  const total = new Float32Array(readable.getMappedRange()).reduce((sum, value) => sum + value, 0);
  readable.unmap();
  for (const buffer of temporary) buffer.destroy();
  return total;
}
