/** Compute passes of our own beside tfjs's: several outputs, updates in place, many dispatches in one submission. */
import * as tf from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { must } from '../../base/assert';

/** The tfjs backend when WebGPU is active, else null. */
export function gpuBackend(): WebGPUBackend | null {
  const backend = tf.getBackend() === 'webgpu' ? tf.backend() : null;
  return backend instanceof WebGPUBackend ? backend : null;
}

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

/** The pipeline of a shader, compiled once a device. */
export function pipelineFor(device: GPUDevice, code: string): GPUComputePipeline {
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>();
  pipelines.set(device, known);
  const found = known.get(code);
  if (found) return found;
  const made = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }), entryPoint: 'main' } });
  known.set(code, made);
  return made;
}

/** The buffer behind a tensor. A copy that tfjs keeps on the CPU is dropped, for the buffer may be written to. */
export function bufferOf(backend: WebGPUBackend, tensor: tf.Tensor): GPUBuffer {
  backend.uploadToGPU(tensor.dataId);
  const data = backend.tensorMap.get(tensor.dataId);
  (data as { values: unknown }).values = null;
  return must(data.resource, 'GPU buffer') as GPUBuffer;
}

/** A uniform buffer with these 32-bit values: floats, and integers given as such. */
export function uniformBuffer(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({ size: Math.ceil(size / 16) * 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
}

export class GpuPass {
  private readonly device: GPUDevice;
  private readonly encoder: GPUCommandEncoder;
  private readonly pass: GPUComputePassEncoder;

  /** Submits what tfjs has recorded so far, so that this pass sees it. */
  constructor(backend: WebGPUBackend) {
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.submitQueue();
    this.device = backend.device;
    this.encoder = this.device.createCommandEncoder();
    this.pass = this.encoder.beginComputePass();
  }

  /** Runs `code` with the buffers, or pieces of them, bound at 0, 1, … of group 0; at most 65,535 workgroups a dimension are used. */
  dispatch(code: string, buffers: readonly (GPUBuffer | GPUBufferBinding)[], workgroups: number): void {
    const pipeline = pipelineFor(this.device, code);
    const entries = buffers.map((given, binding) => ({ binding, resource: 'buffer' in given ? given : { buffer: given } }));
    this.pass.setPipeline(pipeline);
    this.pass.setBindGroup(0, this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    this.pass.dispatchWorkgroups(workgroups);
  }

  /** Ends the pass; `copy` may add copies after it. */
  submit(copy?: (encoder: GPUCommandEncoder) => void): void {
    this.pass.end();
    copy?.(this.encoder);
    this.device.queue.submit([this.encoder.finish()]);
  }
}
