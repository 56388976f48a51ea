/**
 * The WebGPU device that the engine makes for itself, with all that the adapter offers, and what is known of that
 * adapter.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../base/errors';
import { nextTurn } from '../../base/turn';
import { GpuBackend } from './gpu-backend';

/** What kernels choose by. */
export interface Adapter {
  /** As a person would call it. */
  name: string;
  /** All that the browser says of it. */
  identity: string;
  /** Runs shaders on the CPU. */
  software: boolean;
  /** The device has the feature `subgroups`, and every subgroup has exactly four threads. */
  subgroupsOfFour: boolean;
  /** Largest buffer that a shader can be given. */
  maxBufferBytes: number;
  /** Most threads of a workgroup, and the memory that they may share. */
  mostThreads: number;
  workgroupBytes: number;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render|software/i;

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupStorageSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Used where the adapter offers them; no kernel requires one. */
const FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** How long a device that refused something may take to tell that it is lost. */
const LOSS_PATIENCE_MS = 1000;

let open: { backend: GpuBackend; adapter: Adapter; lost: Promise<unknown> } | null = null;
/** What the GPU has reported and nobody has been told yet. */
let failure: TabtuneError | null = null;

/** An error that the device reported, in words. */
export function failureOf(error: GPUError): TabtuneError {
  if (error instanceof GPUOutOfMemoryError)
    return new TabtuneError('out-of-memory', 'The GPU has no memory left for this.', {
      fix:
        'Take a smaller batch or shorter texts, close other tabs, or go on with WebAssembly: the device can ' +
        'be changed in the header.',
      cause: error,
    });
  return new TabtuneError('internal', `The GPU refused a command: ${error.message}`, { cause: error });
}

const lossInWords = (message: string): TabtuneError =>
  new TabtuneError('device', `The GPU stopped working${message ? `: ${message}` : '.'}`, {
    fix: 'Start again: the GPU is opened anew. If it happens again take a smaller batch, or go on with WebAssembly.',
  });

/** Keeps what the device reports: WebGPU throws for none of it, and whatever is computed after it is worthless. */
function watch(device: GPUDevice, backend: GpuBackend): Promise<unknown> {
  device.onuncapturederror = ({ error }) => (failure ??= failureOf(error));
  return device.lost.then(({ message }) => {
    // An earlier device says nothing about the one in use.
    if (open?.backend !== backend) return;
    open = null;
    failure = lossInWords(message);
  });
}

/**
 * Whether the device is gone that work failed on: it tells so a little after it has refused. Until `openGpu` nothing
 * more runs on it.
 */
export async function gpuWasLost(): Promise<boolean> {
  if (open) await Promise.race([open.lost, new Promise((resolve) => setTimeout(resolve, LOSS_PATIENCE_MS))]);
  return open === null;
}

/**
 * Waits for values from the backend; throws `device`, `out-of-memory` or `internal` when the GPU has failed meanwhile,
 * for they mean nothing then.
 */
export async function fromGpu<T>(work: Promise<T>): Promise<T> {
  if (tf.getBackend() !== 'webgpu') return work;
  const [result] = await Promise.allSettled([work]);
  // A device tells of its loss after it has refused what was waited for.
  if (result.status === 'rejected') await nextTurn();
  const found = failure;
  failure = null;
  if (found) throw found;
  // Somebody else has been told of the loss already.
  if (result.status === 'rejected') throw open ? result.reason : lossInWords('');
  return result.value;
}

function describe(info: GPUAdapterInfo, device: GPUDevice): Adapter {
  const name =
    info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(' ') || 'unnamed GPU';
  return {
    name,
    identity: [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(', ') || name,
    software: SOFTWARE.test(`${name} ${info.vendor} ${info.architecture}`),
    subgroupsOfFour: device.features.has('subgroups') && info.subgroupMinSize === 4 && info.subgroupMaxSize === 4,
    maxBufferBytes: Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize),
    mostThreads: Math.min(device.limits.maxComputeInvocationsPerWorkgroup, device.limits.maxComputeWorkgroupSizeX),
    workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
  };
}

/** Opens the device once and registers tfjs's backend on it. Throws `device` in words when there is none. */
export async function openGpu(api: GPU | undefined): Promise<Adapter> {
  if (open) return open.adapter;
  if (!api)
    throw new TabtuneError('device', 'This browser has no WebGPU.', {
      fix: 'Use a recent Chrome, Edge, Firefox or Safari, or go on with WebAssembly.',
    });
  const found = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!found)
    throw new TabtuneError('device', 'The browser offers WebGPU but found no GPU to run it on.', {
      fix: 'Go on with WebAssembly, or update the graphics driver.',
    });
  const device = await found.requestDevice({
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, found.limits[name]])),
    requiredFeatures: FEATURES.filter((feature) => found.features.has(feature)),
  });
  const backend = new GpuBackend(device, found.info);
  // Small values would be computed on the CPU otherwise, outside of what is recorded.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  if ('webgpu' in tf.engine().registryFactory) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  const adapter = describe(found.info, device);
  failure = null;
  open = { backend, adapter, lost: watch(device, backend) };
  return adapter;
}

/** What is known of the open device's adapter, or null. */
export const gpuAdapter = (): Adapter | null => open?.adapter ?? null;
