/**
 * What this adapter can do at all: the rate of two plain matmul kernels, with and without workgroup memory, and of
 * copies.
 */
import type { Rates } from './contract';
import { bestRate, leastMs, SIZE } from './timing';
import type { Backend } from './work';

const COPY_BYTES = 64 * 2 ** 20;
/** Rows and columns that a thread of the barrier-free kernel keeps in registers. */
const TILE = 8;

const list = (count: number, line: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => line(i)).join(separator);

const BINDINGS = /* wgsl */ `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
const WIDTH = ${SIZE / 4}u;`;

/**
 * C = A·B without barriers: 8 × 8 results a thread, four steps of the depth at once; what software adapters run best.
 */
const REGISTERS = /* wgsl */ `${BINDINGS}
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x * ${TILE / 4}u;
  let row = id.y * ${TILE}u;
  ${list(TILE, (i) => list(TILE / 4, (j) => `var s${i}${j} = vec4f();`, ' '))}
  for (var k = 0u; k < WIDTH; k++) {
    ${list(TILE, (i) => `let a${i} = a[(row + ${i}u) * WIDTH + k];`)}
    ${list(
      4,
      (d) => `{
      ${list(TILE / 4, (j) => `let b${j} = b[(k * 4u + ${d}u) * WIDTH + column + ${j}u];`, ' ')}
      ${list(TILE, (i) => list(TILE / 4, (j) => `s${i}${j} += a${i}[${d}] * b${j};`, ' '))}
    }`,
    )}
  }
  ${list(TILE, (i) => list(TILE / 4, (j) => `c[(row + ${i}u) * WIDTH + column + ${j}u] = s${i}${j};`, ' '))}
}`;

/** C = A·B in blocks of 64 × 64 through workgroup memory, 4 × 4 results a thread; what GPUs run best. */
const SHARED = /* wgsl */ `${BINDINGS}
var<workgroup> left: array<array<vec4f, 4>, 64>;
var<workgroup> right: array<array<vec4f, 16>, 16>;
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) block: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let thread = at.y * 16u + at.x;
  ${list(4, (i) => `var s${i} = vec4f();`, ' ')}
  for (var k = 0u; k < WIDTH; k += 4u) {
    left[thread / 4u][thread % 4u] = a[(block.y * 64u + thread / 4u) * WIDTH + k + thread % 4u];
    right[at.y][at.x] = b[(k * 4u + at.y) * WIDTH + block.x * 16u + at.x];
    workgroupBarrier();
    for (var d = 0u; d < 4u; d++) {
      ${list(4, (i) => `let a${i} = left[at.y * 4u + ${i}u][d];`, ' ')}
      ${list(4, (e) => `{ let row = right[d * 4u + ${e}u][at.x]; ${list(4, (i) => `s${i} += a${i}[${e}] * row;`, ' ')} }`)}
    }
    workgroupBarrier();
  }
  ${list(4, (i) => `c[(block.y * 64u + at.y * 4u + ${i}u) * WIDTH + block.x * 16u + at.x] = s${i};`)}
}`;

async function gpuRates(): Promise<Rates> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('no GPU was found');
  const device = await adapter.requestDevice();
  const buffer = (size: number): GPUBuffer =>
    device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  const submit = async (record: (encoder: GPUCommandEncoder) => void): Promise<void> => {
    const encoder = device.createCommandEncoder();
    record(encoder);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  const matrices = [0, 1, 2].map(() => buffer(SIZE * SIZE * 4));
  let gflops = 0;
  for (const [code, covered] of [
    [REGISTERS, 8 * TILE],
    [SHARED, 64],
  ] as const) {
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
    });
    const entries = matrices.map((matrix, binding) => ({ binding, resource: { buffer: matrix } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const once = (): Promise<void> =>
      submit((encoder) => {
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(SIZE / covered, SIZE / covered);
        pass.end();
      });
    gflops = Math.max(gflops, await bestRate(once));
  }
  const [from, to] = [buffer(COPY_BYTES), buffer(COPY_BYTES)];
  const ms = await leastMs(() => submit((encoder) => encoder.copyBufferToBuffer(from, 0, to, 0, COPY_BYTES)));
  device.destroy();
  return { gflops, copyGigabytes: (2 * COPY_BYTES) / (1e6 * ms) };
}

/** Copies in memory; the matmul of the CPU is taken from the libraries, for none can be written without one. */
async function cpuRates(): Promise<Rates> {
  const [from, to] = [new Uint8Array(COPY_BYTES).fill(1), new Uint8Array(COPY_BYTES)];
  const ms = await leastMs(async () => to.set(from));
  return { gflops: null, copyGigabytes: (2 * COPY_BYTES) / (1e6 * ms) };
}

export const plainRates = (backend: Backend): Promise<Rates> => (backend === 'webgpu' ? gpuRates() : cpuRates());
