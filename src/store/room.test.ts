/** What is too large for WebAssembly is said before the download, with the way that remains. */
import { describe, expect, it } from 'vitest';
import { roomNotice } from './room';

describe('roomNotice', () => {
  it('says nothing of models that fit, and of what cannot be known', () => {
    expect(roomNotice({ parameters: 135e6, architecture: 'llama' }, 'wasm')).toBeNull();
    expect(roomNotice({ parameters: null, architecture: 'llama' }, 'wasm')).toBeNull();
    expect(roomNotice({ parameters: 8e9, architecture: 'llama' }, 'webgpu')).toBeNull();
  });

  it('names the packed base where only that fits', () => {
    expect(roomNotice({ parameters: 1.7e9, architecture: 'llama' }, 'wasm')).toMatchObject({
      blocks: false,
      message: expect.stringMatching(/6\.8 GB in 32 bits.*4 bits, about 1\.4 GB/) as unknown,
    });
  });

  it('refuses what fits in no way', () => {
    expect(roomNotice({ parameters: 8e9, architecture: 'llama' }, 'wasm')?.blocks).toBe(true);
    expect(roomNotice({ parameters: 1.7e9, architecture: 'xlm-roberta' }, 'wasm')?.blocks).toBe(true);
  });
});
