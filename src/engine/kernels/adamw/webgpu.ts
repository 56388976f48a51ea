/**
 * AdamW and clipping by the global norm over all parameters on WebGPU, several parameters a dispatch. Norm, clipping
 * and the test for values that are not finite stay on the GPU, so that an update never waits for this side.
 */
import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/gpu-backend';
import { f32, u32, uniformsBuffer, type Uniform } from '../../backend/gpu-run';
import type { AdamWStep } from './step';

const WORKGROUP = 64;
/** Threads that share one parameter; each takes every THREADS-th element, so any size fits one dispatch. */
const THREADS = 64 * 1024;

/**
 * What an update finds, as floats: the global norm before clipping, the factor on the gradients, 1 when something was
 * not finite, the loss.
 */
const STATUS = 'struct Status { norm: f32, scale: f32, bad: f32, loss: f32 }';

/**
 * The shader for `count` parameters at once: bindings weight, first, second, gradient of each, then the status, what
 * changes from step to step, and the decays.
 */
const update = (count: number): string => /* wgsl */ `
${STATUS}
struct Step { rate: f32, learningRate: f32, beta1: f32, beta2: f32, rest1: f32, rest2: f32, epsilon: f32, root: f32 }
${each(count, (i) =>
  ['weight', 'first', 'second', 'gradient']
    .map(
      (name, at) =>
        `@group(0) @binding(${4 * i + at})
  var<storage, ${name === 'gradient' ? 'read' : 'read_write'}> ${name}${i}: array<f32>;`,
    )
    .join('\n'),
)}
@group(0) @binding(${4 * count}) var<uniform> status: Status;
@group(0) @binding(${4 * count + 1}) var<uniform> step: Step;
@group(0) @binding(${4 * count + 2}) var<uniform> decays: array<vec4f, ${Math.ceil(count / 4)}>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (status.bad != 0.0) { return; }
  let stride = groups.x * ${WORKGROUP}u;
  ${each(
    count,
    (p) => `let kept${p} = 1.0 - step.learningRate * decays[${p >> 2}][${p & 3}];
  for (var i = id.x; i < arrayLength(&gradient${p}); i += stride) {
    let g = gradient${p}[i] * status.scale;
    let m = step.beta1 * first${p}[i] + step.rest1 * g;
    let v = step.beta2 * second${p}[i] + step.rest2 * g * g;
    first${p}[i] = m;
    second${p}[i] = v;
    weight${p}[i] = weight${p}[i] * kept${p} - step.rate * m / (sqrt(v) * step.root + step.epsilon);
  }`,
  )}
}`;

/** Σ g² of `count` gradients a thread, written from `start` on. */
const squares = (count: number): string => /* wgsl */ `
struct Uniforms { start: u32 }
${each(count, (i) => `@group(0) @binding(${i}) var<storage, read> gradient${i}: array<f32>;`)}
@group(0) @binding(${count}) var<storage, read_write> partial: array<f32>;
@group(0) @binding(${count + 1}) var<uniform> u: Uniforms;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let stride = groups.x * ${WORKGROUP}u;
  var sum = 0.0;
  ${each(
    count,
    (p) => `for (var i = id.x; i < arrayLength(&gradient${p}); i += stride) {
    sum += gradient${p}[i] * gradient${p}[i]; }`,
  )}
  partial[u.start + id.x] = sum;
}`;

/**
 * Finite values are told by their bits: compilers may assume that nothing else occurs. The 1e-6 is torch's, in
 * clip_grad_norm_.
 */
const JUDGE = /* wgsl */ `
${STATUS}
struct Uniforms { count: u32, most: f32, keepsBad: f32 }
@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(2) var<storage, read_write> status: Status;
@group(0) @binding(3) var<uniform> u: Uniforms;
var<workgroup> sums: array<f32, ${WORKGROUP}>;
fn finite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(local_invocation_index) thread: u32) {
  var mine = 0.0;
  for (var i = thread; i < u.count; i += ${WORKGROUP}u) { mine += partial[i]; }
  sums[thread] = mine;
  workgroupBarrier();
  if (thread != 0u) { return; }
  var sum = 0.0;
  for (var i = 0u; i < ${WORKGROUP}u; i++) { sum += sums[i]; }
  let norm = sqrt(sum);
  status.norm = norm;
  status.scale = select(1.0, min(1.0, u.most / (norm + 1e-6)), u.most > 0.0);
  status.loss = loss[0];
  status.bad = select(1.0, status.bad * u.keepsBad, finite(sum) && finite(loss[0]));
}`;

/**
 * One parameter with its gradient and its moments; the constants are asked for again in each replay of a recorded step.
 */
export interface GpuUpdate {
  weight: tf.Tensor;
  gradient: tf.Tensor;
  first: tf.Tensor;
  second: tf.Tensor;
  step: () => AdamWStep;
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

export const STATUS_BYTES = 16;
const STEP_BYTES = 32;

/**
 * What updates of one optimizer keep on the GPU beside moments: where they leave their status (`readStatus`), and what
 * changes from step to step.
 */
export interface UpdateBuffers {
  status: GPUBuffer;
  step: GPUBuffer;
}

export const newBuffers = ({ device }: GpuBackend): UpdateBuffers => ({
  status: device.createBuffer({
    size: STATUS_BYTES,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  }),
  step: device.createBuffer({ size: STEP_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST }),
});

/**
 * What an update found; the norm is that before clipping. `bad`: loss or gradient was not finite, and nothing has been
 * updated.
 */
export interface Status {
  norm: number;
  bad: boolean;
  loss: number;
}

export const readStatus = ([norm = NaN, , bad = 1, loss = NaN]: ArrayLike<number> & Iterable<number>): Status => ({
  norm,
  bad: bad !== 0,
  loss,
});

/** How gradients are clipped and judged. */
export interface Clipping {
  /** The largest global norm; 0 switches clipping off. */
  most: number;
  /** Judged with the gradients. */
  loss: tf.Tensor;
  /** Once bad, later updates change nothing either: those that were on their way when it was found. */
  keepsBad: boolean;
}

/** Updates weights and moments in place, unless loss or gradients are not finite. */
export function updateAll(
  backend: GpuBackend,
  updates: readonly GpuUpdate[],
  { most, loss, keepsBad }: Clipping,
  { status, step }: UpdateBuffers,
): void {
  const partial = sumsOfSquares(backend, updates);
  backend.dispatch(
    JUDGE,
    [partial, loss, status, uniformsBuffer(backend, [u32(partial.size), f32(most), f32(keepsBad ? 1 : 0)])],
    [1],
  );
  const [first] = updates;
  if (!first) return;
  // One buffer for all parameters, for it is written before each replay.
  backend.fill(step, () => stepValues(first.step()).buffer);
  for (const group of grouped(updates, Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / 4))) {
    const bound = group.flatMap(({ weight, first, second, gradient }) => [weight, first, second, gradient]);
    backend.dispatch(
      update(group.length),
      [...bound, status, step, uniformsBuffer(backend, decays(group))],
      [workgroups(group[0]?.gradient.size ?? 1)],
    );
  }
}

/** The struct `Step`. 1 − β is taken before rounding to 32 bits: 1 − 0.999 in floats is off by 5e-5 of itself. */
const stepValues = ({
  learningRate,
  beta1,
  beta2,
  epsilon,
  correction1,
  correction2,
}: AdamWStep): Float32Array<ArrayBuffer> =>
  Float32Array.of(
    learningRate / correction1,
    learningRate,
    beta1,
    beta2,
    1 - beta1,
    1 - beta2,
    epsilon,
    1 / Math.sqrt(correction2),
  );

const decays = (group: readonly GpuUpdate[]): Uniform[] => group.map(({ step }) => f32(step().decay));

/** Sums that together are Σ g² over all gradients. */
function sumsOfSquares(backend: GpuBackend, gradients: readonly { gradient: tf.Tensor }[]): tf.Tensor {
  const groups = grouped(gradients, backend.device.limits.maxStorageBuffersPerShaderStage - 1);
  const threads = groups.map((group) => workgroups(group[0]?.gradient.size ?? 1) * WORKGROUP);
  const total = threads.reduce((sum, count) => sum + count, 0);
  const partial = tf.engine().makeTensorFromTensorInfo(backend.makeTensorInfo([total], 'float32'));
  let start = 0;
  groups.forEach((group, at) => {
    backend.dispatch(
      squares(group.length),
      [...group.map(({ gradient }) => gradient), partial, uniformsBuffer(backend, [u32(start)])],
      [must(threads[at]) / WORKGROUP],
    );
    start += must(threads[at]);
  });
  return partial;
}
