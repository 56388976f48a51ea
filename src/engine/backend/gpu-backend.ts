/** tfjs's WebGPU backend with a bounded pool of buffers, and with steps that can be recorded. */
import * as tf from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assert, must } from '../../base/assert';
import { BufferPool } from './buffer-pool';
import { Arena, CannotRecord, Recording, whileRecording } from './recording';

/** What tfjs 4.22 keeps private and our own passes have to share with it. */
interface Internals {
  commandEncoder: GPUCommandEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  uniformPendingDisposal: GPUBuffer[];
  dispatchCountInPass: number;
  /** What a read keeps on this side; whatever it returns is thrown away. */
  convertAndCacheOnCPU(dataId: object, values: unknown): unknown;
}

/** Dispatches after which tfjs submits; ours count with its own. */
const SUBMIT_AFTER = 15;

/** A step that has run once, and what its run gave. */
export interface Recorded<T> {
  recording: Recording;
  result: T;
}

export class GpuBackend extends WebGPUBackend {
  readonly pool: BufferPool;
  private recording: Recording | null = null;
  private readonly pipelines = new Map<string, GPUComputePipeline>();

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    this.pool = new BufferPool(device);
    this.bufferManager = this.pool as unknown as WebGPUBackend['bufferManager'];
    // Our kernels write into buffers: a copy kept by an earlier read would be out of date.
    this.internals.convertAndCacheOnCPU = (_dataId, values) => values;
  }

  /** Buffers for recorded steps. */
  newArena(): Arena {
    return new Arena(this.device, (bytes) => {
      this.pool.count(bytes);
    });
  }

  /**
   * Runs a step and records it.
   * @throws CannotRecord when values reach the GPU in it that are no `feed`, for they would be the same in every replay
   */
  record<T>(arena: Arena, run: () => T): Recorded<T> {
    this.flush();
    const recording = new Recording(this.device, arena, (bytes) => {
      this.pool.count(bytes);
    });
    this.recording = recording;
    this.pool.recording = recording;
    try {
      const result = whileRecording(recording, run);
      this.flush();
      return { recording, result };
    } catch (thrown) {
      this.flush();
      recording.destroy();
      throw thrown;
    } finally {
      this.recording = null;
      this.pool.recording = null;
    }
  }

  /**
   * A tensor of values from this side: those of `of` now and, in a recorded step, before each replay.
   * @param source what the values are made of, where several layers ask for the same: in a recorded step they share one
   * buffer, written once
   */
  feed(
    shape: readonly number[],
    dtype: 'float32' | 'int32',
    of: () => Float32Array | Int32Array,
    source?: object,
  ): tf.Tensor {
    const info = this.makeTensorInfo([...shape], dtype);
    const size = Math.max(4, 4 * tf.util.sizeFromShape(info.shape));
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const shared = source && this.recording?.fed.get(source);
    assert(!shared || shared.size === size, 'one source was fed as values of different numbers');
    const buffer =
      shared ?? (this.recording ? this.recording.pin(size, usage) : this.bufferManager.acquireBuffer(size, usage));
    this.tensorMap.get(info.dataId).resource = buffer;
    if (!shared) this.write32(buffer, size, of);
    if (source) this.recording?.fed.set(source, buffer);
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  /** A uniform buffer; `changing` says that `of` gives other values from step to step. */
  uniforms(size: number, changing: boolean, of: () => ArrayBuffer): GPUBuffer {
    const buffer = this.bufferManager.acquireBuffer(size, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    if (changing) this.fill(buffer, of);
    else this.queue.writeBuffer(buffer, 0, of());
    // tfjs gives it back only after the submission, so no recorded command can still be waiting to read it.
    if (!this.recording) this.internals.uniformPendingDisposal.push(buffer);
    return buffer;
  }

  /** Writes a buffer of the caller's: now and, in a recorded step, before each replay. */
  fill(buffer: GPUBuffer, of: () => ArrayBuffer): void {
    const write = (): void => {
      this.queue.writeBuffer(buffer, 0, of());
    };
    write();
    this.recording?.feed(write);
  }

  /** The buffer behind a tensor; its values are put there if they are still on this side alone. */
  bufferOf(tensor: tf.Tensor): GPUBuffer {
    this.uploadToGPU(tensor.dataId);
    return must(this.tensorMap.get(tensor.dataId).resource, 'GPU buffer') as GPUBuffer;
  }

  /**
   * Encodes one dispatch of our own among tfjs's.
   * @param bound at bindings 0, 1, … of group 0
   */
  dispatch(
    code: string,
    bound: readonly (tf.Tensor | GPUBuffer)[],
    workgroups: readonly [number, number?, number?],
  ): void {
    const pipeline = this.pipelineFor(code);
    const entries = bound.map((given, binding) => ({
      binding,
      resource: given instanceof tf.Tensor ? this.whole(given) : { buffer: given },
    }));
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    const pass = must(this.internals.commandEncoder, 'command encoder').beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...workgroups);
    pass.end();
    for (const given of bound) if (given instanceof tf.Tensor) this.internals.commandQueueOwnedIds.add(given.dataId);
    if (++this.internals.dispatchCountInPass >= SUBMIT_AFTER) this.submitQueue();
  }

  /** Submits what has been encoded. */
  flush(): void {
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.submitQueue();
  }

  override ensureCommandEncoderReady(): void {
    const fresh = this.internals.commandEncoder === null;
    super.ensureCommandEncoderReady();
    if (fresh && this.recording)
      this.internals.commandEncoder = this.recording.watch(must(this.internals.commandEncoder, 'command encoder'));
  }

  override write(...[values, shape, dtype]: Parameters<WebGPUBackend['write']>): ReturnType<WebGPUBackend['write']> {
    // tfjs calls it without values for what a kernel is going to write.
    if (this.recording && (values as unknown))
      throw new CannotRecord(`values of shape [${shape.join(', ')}] come from outside the step`);
    return super.write(values, shape, dtype);
  }

  override uploadToGPU(...[dataId]: Parameters<WebGPUBackend['uploadToGPU']>): void {
    const { resource, values } = this.tensorMap.get(dataId);
    if (this.recording && !resource && (values as unknown))
      throw new CannotRecord('a tensor was not on the GPU before the step');
    super.uploadToGPU(dataId);
  }

  private get internals(): Internals {
    return this as unknown as Internals;
  }

  private pipelineFor(code: string): GPUComputePipeline {
    const known = this.pipelines.get(code);
    if (known) return known;
    const made = this.device.createComputePipeline({
      label: labelOf(code),
      layout: 'auto',
      compute: { module: this.device.createShaderModule({ code }), entryPoint: 'main' },
    });
    this.pipelines.set(code, made);
    return made;
  }

  /** Exactly the tensor's bytes: a buffer of an arena may be longer, and shaders may ask for the length. */
  private whole(tensor: tf.Tensor): GPUBufferBinding {
    return { buffer: this.bufferOf(tensor), size: Math.max(4, 4 * tensor.size) };
  }

  private write32(buffer: GPUBuffer, size: number, of: () => Float32Array | Int32Array): void {
    const write = (): void => {
      const values = of();
      if (values.byteLength !== size && values.length > 0)
        throw new RangeError(`${values.length} values for ${size / 4}`);
      this.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
    };
    write();
    this.recording?.feed(write);
  }
}

/** A shader by what it reads and writes, for messages and profiles. */
const labelOf = (code: string): string =>
  Array.from(code.matchAll(/var<storage, (\w+)> (\w+)/g), ([, access, name]) =>
    access === 'read' ? name : `→${name}`,
  ).join(' ');

/** The backend when WebGPU is active, else null. */
export function gpuBackend(): GpuBackend | null {
  const backend = tf.getBackend() === 'webgpu' ? tf.backend() : null;
  return backend instanceof GpuBackend ? backend : null;
}

/** A tensor of values from this side, on whatever backend is active; see GpuBackend.feed. */
export function fed<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  dtype: 'float32' | 'int32',
  of: () => Float32Array | Int32Array,
  source?: object,
): tf.Tensor<R> {
  const gpu = gpuBackend();
  return (gpu ? gpu.feed(shape, dtype, of, source) : tf.tensor(of(), shape, dtype)) as tf.Tensor<R>;
}

/** A number as a tensor. Plain numbers in tfjs's operations are uploads that a recorded step refuses. */
export const constant = (value: number): tf.Scalar => fed([], 'float32', () => Float32Array.of(value));
