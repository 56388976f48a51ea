import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useReferenceKernels } from '../../backend/host-memory';
import { BACKENDS, openInNode, whyNotInNode } from '../../../testing/node-backends';
import { Parameter } from '../../nn/parameters';
import { AdamW } from '../../training/optimizer';

/**
 * torch.optim.AdamW (2.15, lr 0.1, weight decay 0.1 on the matrix only, clip_grad_norm_ 1.0) on w = [[1, -2]], b =
 * [0.5] with the gradients of `GRADIENTS`.
 */
const GRADIENTS = [
  { w: [0.3, -4], b: [1] },
  { w: [0.1, 0.2], b: [-0.05] },
  { w: [0, 1], b: [0.5] },
];

async function run(reference: boolean): Promise<{ values: number[]; norms: number[] }> {
  useReferenceKernels(reference);
  const before = tf.memory().numTensors;
  const parameters = [new Parameter('w', tf.tensor2d([[1, -2]]), true), new Parameter('b', tf.tensor1d([0.5]), true)];
  const optimizer = new AdamW(parameters, { weightDecay: 0.1, maxGradNorm: 1 });
  const norms: number[] = [];
  for (const { w, b } of GRADIENTS)
    norms.push((await optimizer.step([tf.tensor2d([w] as [number[]]), tf.tensor1d(b)], 0.1)).gradientNorm);
  const values: number[] = [];
  for (const { tensor } of parameters) values.push(...(await tensor.data()));
  optimizer.dispose();
  parameters.forEach(({ tensor }) => tensor.dispose());
  expect(tf.memory().numTensors).toBe(before);
  useReferenceKernels(false);
  return { values, norms };
}

/** The same in double precision, straight from the paper's algorithm. */
function byHand(): { values: number[]; norms: number[] } {
  const values = [1, -2, 0.5];
  const [m, v, norms] = [[0, 0, 0], [0, 0, 0], [] as number[]];
  GRADIENTS.forEach(({ w, b }, index) => {
    const raw = [...w, ...b];
    const norm = Math.hypot(...raw);
    norms.push(norm);
    raw.forEach((gradient, i) => {
      const g = gradient * Math.min(1, 1 / (norm + 1e-6));
      m[i] = 0.9 * must(m[i]) + 0.1 * g;
      v[i] = 0.999 * must(v[i]) + 0.001 * g * g;
      const decayed = must(values[i]) * (1 - (i < 2 ? 0.01 : 0));
      values[i] =
        decayed - (0.1 * (m[i] / (1 - 0.9 ** (index + 1)))) / (Math.sqrt(v[i] / (1 - 0.999 ** (index + 1))) + 1e-8);
    });
  });
  return { values, norms };
}

const WIDTH = 200;

/**
 * Three steps on a [4, WIDTH] matrix: rows 0 and 3 have a gradient at the first step only, row 1 at the last only, row
 * 2 never.
 */
async function sparseRun(reference: boolean): Promise<number[]> {
  useReferenceKernels(reference);
  const parameter = new Parameter('table', tf.fill([4, WIDTH], 0.5), true);
  const optimizer = new AdamW([parameter], { weightDecay: 0.1, maxGradNorm: 1 });
  for (const rows of [[0, 3], [], [1]]) {
    const gradient = Float32Array.from({ length: 4 * WIDTH }, (_, i) =>
      rows.includes(Math.floor(i / WIDTH)) ? Math.sin(i + 1) : 0,
    );
    await optimizer.step([tf.tensor2d(gradient, [4, WIDTH])], 0.1);
  }
  const values = [...(await parameter.tensor.data())];
  optimizer.dispose();
  parameter.tensor.dispose();
  useReferenceKernels(false);
  return values;
}

describe('AdamW', () => {
  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : `${backend}: three steps with clipping and decay`,
      async () => {
        await openInNode(backend);
        const expected = byHand();
        for (const reference of [false, true]) {
          const { values, norms } = await run(reference);
          expected.values.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
          expected.norms.forEach((norm, i) => expect(norms[i]).toBeCloseTo(norm, 5));
        }
      },
    );
  }

  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing
        ? `${backend}: ${missing}`
        : `${backend}: rows that never, early or late have a gradient, as the reference ops`,
      async () => {
        await openInNode(backend);
        const [shared, own] = [await sparseRun(true), await sparseRun(false)];
        own.forEach((value, i) => expect(Math.abs(value - must(shared[i])), `element ${i}`).toBeLessThan(1e-6));
        // Rows 1 and 2 of the four have no gradient at first; row 2 never.
        expect(own[2 * WIDTH]).toBeCloseTo(0.5 * 0.99 ** 3, 6);
        expect(own[WIDTH]).not.toBeCloseTo(0.5 * 0.99 ** 3, 3);
      },
    );
  }

  for (const backend of BACKENDS) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : `${backend}: changes nothing by a gradient that is not finite`,
      async () => {
        await openInNode(backend);
        const parameter = new Parameter('w', tf.tensor1d([1, 2]), true);
        const optimizer = new AdamW([parameter], { weightDecay: 0, maxGradNorm: 0 });
        for (const value of [NaN, Infinity, -Infinity])
          expect(await optimizer.step([tf.tensor1d([value, 1])], 0.1)).toMatchObject({ bad: true });
        expect([...(await parameter.tensor.data())]).toEqual([1, 2]);
        expect(await optimizer.step([tf.tensor1d([1, 1])], 0.1)).toMatchObject({ bad: false });
        expect([...(await parameter.tensor.data())]).not.toEqual([1, 2]);
        optimizer.dispose();
        parameter.tensor.dispose();
      },
    );
  }
});
