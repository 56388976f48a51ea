/** A GPU that fails must be reported in words, never by values that mean nothing. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { openInNode, whyNotInNode } from '../../testing/node-backends';
import { failureOf, fromGpu, gpuAdapter } from './gpu-device';
import { gpuBackend } from './gpu-backend';

const missing = whyNotInNode('webgpu');

describe.skipIf(missing !== null)(missing ? `a failing GPU: ${missing}` : 'a failing GPU', () => {
  it('names refused commands, then works on', async () => {
    await openInNode('webgpu');
    const { device } = must(gpuBackend(), 'WebGPU');
    device.createBuffer({ size: 2 * device.limits.maxBufferSize, usage: GPUBufferUsage.STORAGE });
    const ones = tf.ones([4]);
    await expect(fromGpu(ones.data())).rejects.toMatchObject({ code: 'internal' });
    expect([...(await fromGpu(tf.add(ones, 1).data()))]).toEqual([2, 2, 2, 2]);
  });

  it('tells lack of memory by a code of its own', () => {
    expect(failureOf(new GPUOutOfMemoryError('no memory'))).toMatchObject({ code: 'out-of-memory', message: /memory/ });
  });

  it('is reported when it is lost, and opened anew', async () => {
    await openInNode('webgpu');
    const backend = must(gpuBackend(), 'WebGPU');
    const sum = tf.add(tf.ones([4]), 1);
    backend.device.destroy();
    await expect(fromGpu(sum.data())).rejects.toMatchObject({ code: 'device' });
    expect(gpuAdapter()).toBeNull();
    await openInNode('webgpu');
    expect(gpuBackend()).not.toBe(backend);
    expect([...(await fromGpu(tf.add(tf.ones([2]), 2).data()))]).toEqual([3, 3]);
  });
});
