/**
 * Dropout decisions as pure functions of (key, index): every backend drops the same values, and the gradient needs no
 * stored mask.
 */
import { mix32, randomBits } from '../../../base/random';

/** One dropout application: its rate and a key made of seed, step and place in the model. */
export interface DropoutKey {
  rate: number;
  /** Read when it is needed: in a recorded step it changes from replay to replay. */
  readonly key: number;
}

export const dropoutKey = (rate: number, seed: number, step: number, place: number): DropoutKey => ({
  rate,
  key: randomBits(seed, step, place),
});

/** Below this many of 2³² a value is dropped. */
export const dropThreshold = (rate: number): number => Math.floor(rate * 4294967296);

/** 32 random bits for one element. */
export const elementBits = (key: number, index: number): number => mix32(key ^ Math.imul(index + 1, 0x9e3779b1));

/** Factors for `length` elements: 0 where dropped, 1 / (1 − rate) elsewhere. */
export function dropoutFactors({ rate, key }: DropoutKey, length: number): Float32Array {
  const factors = new Float32Array(length);
  const threshold = dropThreshold(rate);
  const keep = 1 / (1 - rate);
  for (let i = 0; i < length; i++) factors[i] = elementBits(key, i) < threshold ? 0 : keep;
  return factors;
}
