import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dequantize } from '../../../formats/gguf/dequantize';
import type { PackedType } from '../../../formats/tensor';
import { useReferenceKernels } from '../../backend/host-memory';
import { BACKENDS, openInNode, whyNotInNode } from '../../../testing/node-backends';
import { embedding } from '../embedding/op';
import { packedMatrix } from '../packed/matrix';
import { randomBlocks } from '../../../testing/random-blocks';
import { unpacked } from './op';

/** Zeros without their sign, which 0·d + m loses. */
const valuesOf = async (tensor: tf.Tensor): Promise<number[]> => {
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return [...values].map((value) => value + 0);
};

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  describe.skipIf(missing !== null)(
    missing ? `packed rows on ${backend}: ${missing}` : `packed rows on ${backend}`,
    () => {
      for (const type of ['F16', 'Q8_0', 'Q4_0', 'Q4_1'] as const satisfies PackedType[])
        it(`are the values that the file stands for, to the last bit (${type})`, async () => {
          await openInNode(backend);
          const before = tf.memory().numTensors;
          const [rows, columns] = [71, 96];
          const blocks = randomBlocks(type, rows, columns);
          const expected = dequantize(type, blocks.bytes).map((value) => value + 0);
          const matrix = packedMatrix(blocks, 'w');
          expect(await valuesOf(unpacked(matrix))).toEqual([...expected]);
          const ids = Int32Array.of(70, 0, 3, 3);
          expect(await valuesOf(tf.tidy(() => embedding(matrix, ids, null)))).toEqual(
            [...ids].flatMap((id) => [...expected.subarray(id * columns, (id + 1) * columns)]),
          );
          useReferenceKernels(true);
          expect(await valuesOf(tf.tidy(() => unpacked(matrix)))).toEqual([...expected]);
          useReferenceKernels(false);
          matrix.dispose();
          expect(tf.memory().numTensors).toBe(before);
        });

      it('are every value that half precision has, subnormal ones and the sign of zero included', async () => {
        await openInNode(backend);
        const patterns = Uint16Array.from({ length: 2 ** 16 }, (_, pattern) => pattern).filter(
          (pattern) => (pattern & 0x7c00) !== 0x7c00,
        );
        const matrix = packedMatrix(
          { type: 'F16', shape: [patterns.length / 32, 32], bytes: new Uint8Array(patterns.buffer) },
          'w',
        );
        const values = unpacked(matrix);
        const found = new Uint32Array((await values.data<'float32'>()).slice().buffer);
        const expected = new Uint32Array(dequantize('F16', new Uint8Array(patterns.buffer)).buffer);
        expect(found.findIndex((bits, i) => bits !== expected[i])).toBe(-1);
        expect(found.length).toBe(63488);
        tf.dispose(values);
        matrix.dispose();
      });
    },
  );
}

it('refuses halves that are infinite or no number, naming the tensor', async () => {
  await openInNode('cpu');
  for (const high of [0x7c, 0xfe]) {
    const halves = randomBlocks('F16', 2, 32);
    halves.bytes[101] = high;
    expect(() => packedMatrix(halves, 'lm_head.weight')).toThrow(
      expect.objectContaining({ code: 'bad-model', place: { tensor: 'lm_head.weight' } }),
    );
  }
});

it('refuses a block whose scale is infinite or no number, naming the tensor', async () => {
  await openInNode('cpu');
  for (const high of [0x7c, 0xfe]) {
    const blocks = randomBlocks('Q4_1', 2, 32);
    blocks.bytes[20 + 3] = high;
    expect(() => packedMatrix(blocks, 'model.embed_tokens.weight')).toThrow(/model\.embed_tokens\.weight.*scale/);
  }
});
