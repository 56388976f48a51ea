import { expect, it } from 'vitest';
import type { Adapter } from '../../backend/gpu-device';
import { candidates, chooseKernel, usualKernel } from './choice';
import { PLAIN } from './layout';

const ADAPTER: Adapter = {
  name: 'any',
  identity: 'any',
  software: true,
  subgroupsOfFour: true,
  maxBufferBytes: 2 ** 27,
  mostThreads: 256,
  workgroupBytes: 2 ** 14,
};
const GPU: Adapter = { ...ADAPTER, software: false, subgroupsOfFour: false };
const LARGE = { m: 256, n: 384, k: 384 };
const usual = (adapter: Adapter, sizes = LARGE): string => usualKernel(adapter, 'NT', sizes).name;

it('gives a software adapter a kernel without barriers that it can run', () => {
  expect(usual(ADAPTER)).toBe('registers 16 × 16, loads shared');
  expect(usual({ ...ADAPTER, subgroupsOfFour: false })).toBe('registers 16 × 16');
  expect(usual(ADAPTER, { ...LARGE, n: 388 })).toBe('any shape');
  expect(usual(ADAPTER, { m: 8, n: 16, k: 16 })).toBe('any shape');
});

it('gives a GPU blocks: in pieces for small results, small ones for few columns, others for few rows', () => {
  expect(usual(GPU, { ...LARGE, m: 2048 })).toBe('blocks 64 × 64 × 8, tiles 8 × 4, ahead');
  expect(usual(GPU)).toBe('blocks 64 × 64 × 8, tiles 8 × 4, ahead, 4 pieces');
  expect(usual(GPU, { ...LARGE, k: 64 })).toBe('blocks 64 × 64 × 8, tiles 8 × 4, ahead');
  expect(usual(GPU, { ...LARGE, n: 16 })).toBe('blocks 32 × 32 × 16, tiles 4 × 4');
  expect([1, 2, 8].map((m) => usual(GPU, { ...LARGE, m }))).toEqual(['one row', 'up to 4 rows', 'up to 8 rows']);
  expect(usual(GPU, { ...LARGE, k: 383 })).toBe('any shape');
});

it('offers only kernels that the device has threads and workgroup memory for', () => {
  const names = (adapter: Adapter): string[] => candidates(adapter, 'NT', LARGE).map(({ name }) => name);
  expect(names({ ...GPU, mostThreads: 64 })).not.toContain('blocks 64 × 64 × 16, tiles 4 × 4');
  expect(names({ ...GPU, mostThreads: 64 })).toContain('blocks 32 × 32 × 16, tiles 4 × 4');
  expect(names({ ...GPU, workgroupBytes: 2 ** 13 })).not.toContain('blocks 128 × 128 × 8, tiles 8 × 8, ahead');
});

it('takes the kernel for any shape while no adapter is open', () => {
  expect(chooseKernel({ layout: 'NT', operands: PLAIN, sizes: LARGE }).name).toBe('any shape');
});
