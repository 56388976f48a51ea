import { must } from '../src/base/assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FOLDER, kernelFiles } from './wasm-kernels.mjs';

describe('the WebAssembly kernels', () => {
  let compiled: Map<string, Uint8Array>;
  beforeAll(async () => {
    compiled = await kernelFiles();
  }, 120_000);

  it('are what their source compiles to (else: npm run kernels)', () => {
    expect([...compiled.keys()]).toEqual(['plain.wasm', 'relaxed.wasm', 'plain-shared.wasm', 'relaxed-shared.wasm']);
    for (const [name, contents] of compiled)
      expect(Buffer.from(contents).equals(readFileSync(join(FOLDER, name))), name).toBe(true);
  });

  it('ask for nothing but memory and bring no data of their own, which would land in tfjs’s', () => {
    for (const [name, contents] of compiled) {
      // A section is its number, its length (LEB128) and its contents; 11 holds data.
      const sections: number[] = [];
      for (let at = 8; at < contents.length;) {
        sections.push(must(contents[at++]));
        let length = 0;
        for (let shift = 0, more = true; more; shift += 7, at++) {
          length |= (must(contents[at]) & 127) << shift;
          more = must(contents[at]) > 127;
        }
        at += length;
      }
      expect(sections, name).toContain(10);
      expect(sections, name).not.toContain(11);
      const imports = name.startsWith('relaxed')
        ? null
        : WebAssembly.Module.imports(new WebAssembly.Module(contents.slice()));
      if (imports) expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    }
  });
});
