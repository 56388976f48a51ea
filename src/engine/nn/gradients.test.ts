/** Our walk back over the tape against tfjs's own: the same bits from less memory, and nothing left behind. */
import { must } from '../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../base/random';
import { openInNode } from '../../testing/node-backends';
import { peakBytes } from '../../testing/memory-peak';
import { valueAndGradients } from './gradients';

const WIDTH = 32;

function drawn(name: string, shape: number[]): tf.Tensor {
  const random = new SeededRandom(2, name);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 0.3 * random.normal()),
    shape,
  );
}

/** Layers whose states and weights are used more than once. */
function loss(x: tf.Tensor, weights: readonly tf.Tensor[]): tf.Tensor {
  let state = x as tf.Tensor2D;
  for (const weight of weights) state = tf.add(tf.tanh(tf.matMul(state, weight as tf.Tensor2D)), tf.mul(state, 0.5));
  return tf.sum(tf.square(tf.matMul(state, weights[0] as tf.Tensor2D)));
}

describe('gradients', () => {
  beforeAll(() => openInNode('cpu'));

  it('are those of tfjs to the last bit, from less memory', async () => {
    const before = tf.memory().numTensors;
    const x = drawn('x', [64, WIDTH]);
    const weights = Array.from({ length: 6 }, (_, i) => drawn(`weight ${i}`, [WIDTH, WIDTH]));
    const read: { value: number; gradients: Float32Array[] }[] = [];
    const keep = async (value: tf.Tensor, gradients: tf.Tensor[]): Promise<void> => {
      read.push({
        value: must((await value.data())[0]),
        gradients: await Promise.all(gradients.map(async (each) => (await each.data<'float32'>()).slice())),
      });
      tf.dispose([value, ...gradients]);
    };
    const theirs = await peakBytes(() => {
      const { value, grads } = tf.tidy(() => tf.engine().gradients(() => loss(x, weights), [x, ...weights]));
      return keep(value, grads);
    });
    const ours = await peakBytes(() => {
      const { value, gradients } = valueAndGradients(() => loss(x, weights), [x, ...weights]);
      return keep(value, gradients);
    });
    expect(read[1]).toEqual(read[0]);
    expect(ours).toBeLessThan(0.9 * theirs);
    tf.dispose([x, ...weights]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leave nothing behind when the way there fails', () => {
    const before = tf.memory().numTensors;
    const x = drawn('x', [4, WIDTH]);
    expect(() =>
      valueAndGradients(() => {
        tf.square(tf.tanh(x));
        throw new Error('no room');
      }, [x]),
    ).toThrow('no room');
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.engine().state.activeTape).toBeFalsy();
  });
});
