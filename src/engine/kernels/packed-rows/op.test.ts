import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dequantize } from '../../../formats/gguf/dequantize';
import type { BlockType } from '../../../formats/tensor';
import { useReferenceKernels } from '../../backend/host-memory';
import { BACKENDS, openInNode, whyNotInNode } from '../../node-backends';
import { embedding } from '../embedding/op';
import { packedMatrix } from '../packed/matrix';
import { randomBlocks } from '../packed/testing';
import { unpacked } from './op';

/** Zeros without their sign, which 0·d + m loses. */
const valuesOf = async (tensor: tf.Tensor): Promise<number[]> => {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return [...values].map((value) => value + 0);
};

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  describe.skipIf(missing !== null)(missing ? `packed rows on ${backend}: ${missing}` : `packed rows on ${backend}`, () => {
    for (const type of ['Q8_0', 'Q4_0', 'Q4_1'] as const satisfies BlockType[])
      it(`are the values that the file stands for, to the last bit (${type})`, async () => {
        await openInNode(backend);
        const before = tf.memory().numTensors;
        const [rows, columns] = [71, 96];
        const blocks = randomBlocks(type, rows, columns);
        const expected = dequantize(type, blocks.bytes).map((value) => value + 0);
        const matrix = packedMatrix(blocks, 'w');
        expect(await valuesOf(unpacked(matrix))).toEqual([...expected]);
        const ids = Int32Array.of(70, 0, 3, 3);
        expect(await valuesOf(tf.tidy(() => embedding(matrix, ids, null)))).toEqual([...ids].flatMap((id) => [...expected.subarray(id * columns, (id + 1) * columns)]));
        useReferenceKernels(true);
        expect(await valuesOf(tf.tidy(() => unpacked(matrix)))).toEqual([...expected]);
        useReferenceKernels(false);
        matrix.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });
  });
}

it('refuses a block whose scale is infinite or no number, naming the tensor', async () => {
  await openInNode('cpu');
  for (const high of [0x7c, 0xfe]) {
    const blocks = randomBlocks('Q4_1', 2, 32);
    blocks.bytes[20 + 3] = high;
    expect(() => packedMatrix(blocks, 'model.embed_tokens.weight')).toThrow(/model\.embed_tokens\.weight.*scale/);
  }
});
