/** How long products take on a device with each kernel. */
import { must } from '../../../base/assert';
import { packedWords } from '../packed/matrix';
import { counts, resultParts, type Kernel } from './layout';
import { passesOf, type Pass, type Shape } from './passes';

export interface Measuring {
  /** Milliseconds of GPU work in one submission, about. */
  batchMs: number;
  /** Submissions, the fastest of which counts. */
  batches: number;
}

/** Products in one submission at most. */
const MOST_REPEATS = 100;
const TIMESTAMPS_BYTES = 16;
/** Sizes, and factors that are left zero: they cost the same whatever they are. */
const UNIFORM_BYTES = 48;

/**
 * Both halves of every word are finite as half precision, and the word is as a float: good for values and for packed
 * blocks.
 */
const FILLING = Uint32Array.from({ length: 2 ** 16 }, (_, i) => 0x3c000000 + ((i * 40503) & 0x7bff));

/** Floating-point operations of a product. */
export const flopsOf = ({ operands: { parts }, sizes: { m, n, k } }: Shape): number => 2 * parts * m * n * k;

/** Words of everything that a product reads, in the order of the bindings. */
function inputWords({ layout, operands, sizes: { m, n, k } }: Shape): { matrices: number[]; others: number[] } {
  const count = counts(layout, operands);
  const each = (many: number, words: number): number[] => Array.from({ length: many }, () => words);
  const c = (count.c > 1 ? 1 : resultParts(layout, operands)) * m * n;
  const right = operands.packed ? packedWords(n * k, operands.packed) : n * k;
  return {
    matrices: [
      ...each(count.a, ((layout === 'NT' && !operands.apart ? 1 : operands.parts) / count.a) * m * k),
      ...each(count.b, layout === 'TN' && operands.apart ? operands.parts * right : right),
    ],
    others: [...each(count.bias, n), ...each(Number(operands.times), c), ...operands.plus.map((planes) => planes * c)],
  };
}

const wordsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Measures on one device, one product after the other. */
export class ProductTimer {
  private readonly device: GPUDevice;
  private readonly now: () => number;
  private readonly buffers = new Map<string, GPUBuffer>();
  private readonly stamps: { set: GPUQuerySet; resolved: GPUBuffer; read: GPUBuffer } | null;

  /** @param now milliseconds, used where the device has no `timestamp-query` */
  constructor(device: GPUDevice, now: () => number) {
    this.device = device;
    this.now = now;
    this.stamps = device.features.has('timestamp-query')
      ? {
          set: device.createQuerySet({ type: 'timestamp', count: 2 }),
          resolved: device.createBuffer({
            size: TIMESTAMPS_BYTES,
            usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
          }),
          read: device.createBuffer({
            size: TIMESTAMPS_BYTES,
            usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
          }),
        }
      : null;
  }

  /**
   * Milliseconds of one product.
   * @throws whatever the device says of a kernel that it cannot compile or run
   */
  async measure(kernel: Kernel, shape: Shape, { batchMs, batches }: Measuring): Promise<number> {
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    let least = Infinity;
    try {
      const work = await this.prepare(kernel, shape);
      // Warms up, and tells how many make a submission long enough to be timed.
      const once = await this.batch(work, 1);
      const repeats = Math.max(1, Math.min(MOST_REPEATS, Math.round(batchMs / Math.max(once, 1e-3))));
      for (let i = 0; i < batches; i++) least = Math.min(least, (await this.batch(work, repeats)) / repeats);
    } finally {
      const [memory, validation] = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
      const error = memory ?? validation;
      if (error) throw new Error(error.message);
    }
    return least;
  }

  /** Values of the last product's first result. */
  async result({ sizes: { m, n } }: Shape): Promise<Float32Array> {
    const size = 4 * m * n;
    const copy = this.device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(must(this.buffers.get('output 0'), 'result'), 0, copy, 0, size);
    this.device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
    return values;
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.stamps?.set.destroy();
    this.stamps?.resolved.destroy();
    this.stamps?.read.destroy();
  }

  private async prepare(
    kernel: Kernel,
    shape: Shape,
  ): Promise<{ pipeline: GPUComputePipeline; group: GPUBindGroup; workgroups: Pass['workgroups'] }[]> {
    const { matrices, others } = inputWords(shape);
    const { operands, sizes } = shape;
    const passes = passesOf(kernel, shape, operands.packed && ((sizes.n * sizes.k) / 32) * operands.packed);
    const inputs = (words: readonly number[], name: string): GPUBufferBinding[] =>
      words.map((count, i) => this.slot(`${name} ${i}`, count, true));
    return Promise.all(
      passes.map(async ({ code, outputs, uniforms, workgroups }, i) => {
        const pipeline = await this.device.createComputePipelineAsync({
          layout: 'auto',
          compute: { module: this.device.createShaderModule({ code }), entryPoint: 'main' },
        });
        const pieces =
          passes.length === 1 ? [] : [this.slot('pieces', wordsOf(must(passes[0].outputs[0], 'pieces')), false)];
        const reads = i === 0 ? inputs(matrices, 'matrix') : pieces;
        const last = i === passes.length - 1;
        const writes = last ? outputs.map((shape, at) => this.slot(`output ${at}`, wordsOf(shape), false)) : pieces;
        const bound = [...reads, ...(last ? inputs(others, 'other') : []), ...writes, this.uniforms(i, uniforms)];
        const group = this.device.createBindGroup({
          layout: pipeline.getBindGroupLayout(0),
          entries: bound.map((resource, binding) => ({ binding, resource })),
        });
        return { pipeline, group, workgroups };
      }),
    );
  }

  /** A buffer that stays, of at least so many words; those that are read hold values that multiply like any others. */
  private slot(name: string, words: number, filled: boolean): GPUBufferBinding {
    const size = 4 * words;
    const known = this.buffers.get(name);
    if (known && known.size >= size) return { buffer: known, size };
    known?.destroy();
    const buffer = this.device.createBuffer({
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    if (filled)
      for (let at = 0; at < size; at += FILLING.byteLength)
        this.device.queue.writeBuffer(buffer, at, FILLING, 0, Math.min(FILLING.length, (size - at) / 4));
    this.buffers.set(name, buffer);
    return { buffer, size };
  }

  private uniforms(pass: number, values: readonly number[]): GPUBufferBinding {
    const name = `uniforms ${pass}`;
    const buffer =
      this.buffers.get(name) ??
      this.device.createBuffer({ size: UNIFORM_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    this.buffers.set(name, buffer);
    this.device.queue.writeBuffer(buffer, 0, Uint32Array.from(values));
    return { buffer };
  }

  /** Milliseconds of `repeats` products in one submission. */
  private async batch(
    work: readonly { pipeline: GPUComputePipeline; group: GPUBindGroup; workgroups: Pass['workgroups'] }[],
    repeats: number,
  ): Promise<number> {
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass(
      this.stamps
        ? { timestampWrites: { querySet: this.stamps.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } }
        : {},
    );
    for (let i = 0; i < repeats; i++)
      for (const { pipeline, group, workgroups } of work) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...workgroups);
      }
    pass.end();
    if (this.stamps) {
      encoder.resolveQuerySet(this.stamps.set, 0, 2, this.stamps.resolved, 0);
      encoder.copyBufferToBuffer(this.stamps.resolved, 0, this.stamps.read, 0, TIMESTAMPS_BYTES);
    }
    const start = this.now();
    this.device.queue.submit([encoder.finish()]);
    if (!this.stamps) {
      await this.device.queue.onSubmittedWorkDone();
      return this.now() - start;
    }
    await this.stamps.read.mapAsync(GPUMapMode.READ);
    const [from, to] = new BigUint64Array(this.stamps.read.getMappedRange().slice(0));
    this.stamps.read.unmap();
    return Number(must(to, 'timestamp') - must(from, 'timestamp')) / 1e6;
  }
}
