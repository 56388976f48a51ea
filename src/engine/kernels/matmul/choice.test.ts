import { expect, it } from 'vitest';
import { candidates, chooseKernel } from './choice';

const ADAPTER = { name: 'any', software: true, subgroupsOfFour: true, maxBufferBytes: 2 ** 27 };
const LARGE = { m: 256, n: 384, k: 384 };
const names = (adapter: typeof ADAPTER, sizes = LARGE): string[] => candidates(adapter, 'NT', sizes).map(({ name }) => name);

it('gives a software adapter the kernels without barriers, those it can run', () => {
  expect(names(ADAPTER)).toEqual(['registers 16 × 16, loads shared', 'registers 16 × 16', 'registers 8 × 8', 'any shape']);
  expect(names({ ...ADAPTER, subgroupsOfFour: false })[0]).toBe('registers 16 × 16');
  expect(names(ADAPTER, { ...LARGE, n: 388 })).toEqual(['any shape']);
});

it('gives a GPU blocks in workgroup memory, small ones for few rows', () => {
  const gpu = { ...ADAPTER, software: false, subgroupsOfFour: false };
  expect(names(gpu)[0]).toBe('shared 64 × 64');
  expect(names(gpu, { ...LARGE, m: 8 })[0]).toBe('shared 32 × 32');
  expect(names(gpu, { ...LARGE, k: 383 })).toEqual(['any shape']);
});

it('takes the kernel for any shape while no adapter is open', () => {
  expect(chooseKernel('NT', LARGE).name).toBe('any shape');
});
