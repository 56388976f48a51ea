import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { anglesAt, rope } from './op';

function sized(positions: number[], heads: number, headSize: number, numeric = false): KernelCase {
  const frequencies = Float32Array.from({ length: headSize / 2 }, (_, i) => 10 ** (-i / 2));
  const angles = anglesAt(Int32Array.from(positions), frequencies);
  return {
    name: `${positions.length} rows, ${heads} heads of ${headSize}`,
    shapes: [[positions.length, heads * headSize]],
    run: (x) => rope(x as tf.Tensor2D, angles, headSize),
    numeric,
  };
}

checkKernel('RoPE', [sized([0, 1, 5], 2, 4, true), sized([3], 1, 2), sized([0, 1, 2, 0, 1, 40, 41], 3, 10)]);

it('takes angles from positions: 0 leaves a row as it is', () => {
  const { cos, sin } = anglesAt(Int32Array.of(0, 2), Float32Array.of(1, 0.5));
  expect([...cos]).toEqual([1, 1, Math.fround(Math.cos(2)), Math.fround(Math.cos(1))]);
  expect([...sin]).toEqual([0, 0, Math.fround(Math.sin(2)), Math.fround(Math.sin(1))]);
});
