/**
 * Clones that share memory on tfjs-wasm, as on its other backends; its own copies the values of everything that is kept
 * for a gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

let registered = false;

/**
 * Replaces the Identity kernel of the wasm backend. Whoever clones a tensor sees later changes in place, such as
 * AdamW's.
 */
export function shareClones(): void {
  if (registered) return;
  registered = true;
  tf.unregisterKernel(tf.Identity, 'wasm');
  tf.registerKernel({
    kernelName: tf.Identity,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs['x'] as tf.TensorInfo;
      (backend as BackendWasm).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}
