/** The compiled kernels: the variant that this engine runs best. */
import plain from './binary/plain.wasm?url&inline';
import plainShared from './binary/plain-shared.wasm?url&inline';
import relaxed from './binary/relaxed.wasm?url&inline';
import relaxedShared from './binary/relaxed-shared.wasm?url&inline';

const bytesOf = (dataUrl: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0));

export const isShared = ({ buffer }: WebAssembly.Memory): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;

/** For this memory, with fused multiply-add where the engine has it; null without SIMD. */
export function moduleFor(memory: WebAssembly.Memory): WebAssembly.Module | null {
  const bytes = (isShared(memory) ? [relaxedShared, plainShared] : [relaxed, plain])
    .map(bytesOf)
    .find((candidate) => WebAssembly.validate(candidate));
  return bytes ? new WebAssembly.Module(bytes) : null;
}
