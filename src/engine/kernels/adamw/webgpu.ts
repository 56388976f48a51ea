/** AdamW and the global norm over all parameters on WebGPU: several parameters a dispatch, all in one submission each. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fromGpu } from '../../backend/gpu-device';
import { bufferOf, GpuPass, uniformBuffer } from '../../backend/gpu-pass';
import type { AdamWStep } from './op';

const WORKGROUP = 64;
/** Threads that share one parameter; each takes every THREADS-th element, so any size fits one dispatch. */
const THREADS = 64 * 1024;
/** Uniform bindings start at multiples of this on every device. */
const ALIGNMENT = 256;

/** The shader for `count` parameters at once: bindings weight, first, second, gradient of each, then the constants. */
const update = (count: number): string => /* wgsl */ `
struct Step { rate: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32, root: f32, scale: f32, kept: array<vec4f, ${Math.ceil(count / 4)}> }
${each(count, (i) =>
  ['weight', 'first', 'second', 'gradient']
    .map((name, at) => `@group(0) @binding(${4 * i + at}) var<storage, ${name === 'gradient' ? 'read' : 'read_write'}> ${name}${i}: array<f32>;`)
    .join('\n'),
)}
@group(0) @binding(${4 * count}) var<uniform> step: Step;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${WORKGROUP}u;
  ${each(
    count,
    (p) => `for (var i = id.x; i < arrayLength(&gradient${p}); i += stride) {
    let g = gradient${p}[i] * step.scale;
    let m = step.beta1 * first${p}[i] + step.rest1 * g;
    let v = step.beta2 * second${p}[i] + step.rest2 * g * g;
    first${p}[i] = m;
    second${p}[i] = v;
    weight${p}[i] = weight${p}[i] * step.kept[${p >> 2}][${p & 3}] - step.rate * m / (sqrt(v) * step.root + step.epsilon);
  }`,
  )}
}`;

/** Partial sums that the CPU adds up in double precision, for each dispatch. */
const PARTIALS = 64;

/** Σ g² of `count` gradients a thread. */
const squares = (count: number): string => /* wgsl */ `
${each(count, (i) => `@group(0) @binding(${i}) var<storage, read> gradient${i}: array<f32>;`)}
@group(0) @binding(${count}) var<storage, read_write> partial: array<f32>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${WORKGROUP}u;
  var sum = 0.0;
  ${each(count, (p) => `for (var i = id.x; i < arrayLength(&gradient${p}); i += stride) { sum += gradient${p}[i] * gradient${p}[i]; }`)}
  partial[id.x] = sum;
}`;

const SUM = /* wgsl */ `
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@compute @workgroup_size(${PARTIALS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = id.x; i < arrayLength(&partial); i += ${PARTIALS}u) { sum += partial[i]; }
  sums[id.x] = sum;
}`;

/** One parameter with its gradient and its moments. */
export interface GpuUpdate {
  weight: tf.Tensor;
  gradient: tf.Tensor;
  first: tf.Tensor;
  second: tf.Tensor;
  step: AdamWStep;
}

function each(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n  ');
}

const workgroups = (size: number): number => Math.ceil(Math.min(size, THREADS) / WORKGROUP);

/** Pieces of at most `most`, those of similar size together: a dispatch has threads for its largest. */
export function grouped<T extends { gradient: tf.Tensor }>(items: readonly T[], most: number): T[][] {
  const sorted = [...items].sort((a, b) => b.gradient.size - a.gradient.size);
  return Array.from({ length: Math.ceil(sorted.length / most) }, (_, i) => sorted.slice(i * most, (i + 1) * most));
}

/** Updates weights and moments in place; `scale` multiplies the gradients. */
export function updateAll(backend: WebGPUBackend, updates: readonly GpuUpdate[], scale: number): void {
  const { device } = backend;
  const groups = grouped(updates, Math.floor(device.limits.maxStorageBuffersPerShaderStage / 4));
  const values = new Float32Array((groups.length * ALIGNMENT) / 4);
  groups.forEach((group, at) => {
    group.forEach(({ step: { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 } }, i) => {
      // 1 − β is taken before rounding to 32 bits: 1 − 0.999 in floats is off by 5e-5 of itself.
      values.set([learningRate / correction1, beta1, beta2, 1 - beta1, 1 - beta2, epsilon, 1 / Math.sqrt(correction2), scale], (at * ALIGNMENT) / 4);
      values[(at * ALIGNMENT) / 4 + 8 + i] = 1 - learningRate * decay;
    });
  });
  const uniforms = uniformBuffer(device, values.byteLength);
  device.queue.writeBuffer(uniforms, 0, values);
  const bound = groups.map((group) => group.flatMap(({ weight, first, second, gradient }) => [weight, first, second, gradient].map((tensor) => bufferOf(backend, tensor))));
  const pass = new GpuPass(backend);
  groups.forEach((group, at) => {
    const constants = { buffer: uniforms, offset: at * ALIGNMENT, size: 32 + 16 * Math.ceil(group.length / 4) };
    pass.dispatch(update(group.length), [...(bound[at] ?? []), constants], workgroups(group[0]?.gradient.size ?? 1));
  });
  pass.submit();
  uniforms.destroy();
}

/** Σ g² over all gradients. */
export async function sumOfSquares(backend: WebGPUBackend, gradients: readonly tf.Tensor[]): Promise<number> {
  const { device } = backend;
  const groups = grouped(gradients.map((gradient) => ({ gradient })), device.limits.maxStorageBuffersPerShaderStage - 1);
  const threads = groups.map((group) => workgroups(group[0]?.gradient.size ?? 1) * WORKGROUP);
  const starts = threads.map((_, i) => threads.slice(0, i).reduce((sum, count) => sum + count, 0));
  const total = threads.reduce((sum, count) => sum + count, 0);
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const partial = device.createBuffer({ size: total * 4, usage: storage });
  const sums = device.createBuffer({ size: PARTIALS * 4, usage: storage });
  const readable = device.createBuffer({ size: PARTIALS * 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const sources = groups.map((group) => group.map(({ gradient }) => bufferOf(backend, gradient)));
  const pass = new GpuPass(backend);
  sources.forEach((buffers, at) => {
    // A workgroup writes 256 bytes, so that every piece starts where a binding may start.
    const piece = { buffer: partial, offset: 4 * starts[at]!, size: 4 * threads[at]! };
    pass.dispatch(squares(buffers.length), [...buffers, piece], threads[at]! / WORKGROUP);
  });
  pass.dispatch(SUM, [partial, sums], 1);
  pass.submit((encoder) => encoder.copyBufferToBuffer(sums, 0, readable, 0, PARTIALS * 4));
  await fromGpu(readable.mapAsync(GPUMapMode.READ));
  const sum = new Float32Array(readable.getMappedRange()).reduce((sum, value) => sum + value, 0);
  readable.unmap();
  for (const buffer of [partial, sums, readable]) buffer.destroy();
  return sum;
}
