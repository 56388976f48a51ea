/** tfjs-wasm does not look whether it was given memory: when there is none it would go on, and write over its own. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { TabtuneError } from '../../base/errors';

interface Allocator {
  _malloc: (bytes: number) => number;
  _free: (address: number) => void;
}

const guarded = new WeakSet<Allocator>();

/**
 * From now on `out-of-memory` is thrown when the active wasm backend has no room left for a tensor; nothing has been
 * written then.
 */
export function refuseWhenFull(): void {
  const module = (tf.backend() as BackendWasm).wasm as unknown as Allocator;
  if (guarded.has(module)) return;
  guarded.add(module);
  // At its first call Emscripten's stand-in puts the function itself in its place.
  module._free(module._malloc(1));
  const allocate = module._malloc;
  module._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address !== 0) return address;
    throw new TabtuneError('out-of-memory', 'WebAssembly has no memory left for this: it has 4 GiB at most.', {
      fix: 'Take a smaller batch or shorter texts, the Quick method, or a smaller model.',
    });
  };
}
