import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../base/random';
import { generationSettings, greedy, type GenerationSettings } from '../../domain/generation';
import { nextToken } from './sampling';

const LOGITS = [1, 3, 2, -1];
const drawn = (settings: Partial<GenerationSettings>, times = 400): Map<number, number> => {
  const random = new SeededRandom(1, 'draws');
  const counts = new Map<number, number>();
  for (let i = 0; i < times; i++) {
    const id = nextToken(
      Float32Array.from(LOGITS),
      { ...generationSettings(null), doSample: true, ...settings },
      new Set(),
      random,
    );
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
};

describe('the next token', () => {
  it('is the likeliest when greedy, the first of equals', () => {
    expect(nextToken(Float32Array.from(LOGITS), greedy(1), new Set(), new SeededRandom(1))).toBe(1);
    expect(nextToken(Float32Array.of(2, 2), greedy(1), new Set(), new SeededRandom(1))).toBe(0);
  });

  it('is held back by the repetition penalty when it was seen, also with a negative logit', () => {
    const settings = { ...greedy(1), repetitionPenalty: 2 };
    expect(nextToken(Float32Array.from(LOGITS), settings, new Set([1]), new SeededRandom(1))).toBe(2);
    expect(nextToken(Float32Array.of(-1, -1.5), settings, new Set([0]), new SeededRandom(1))).toBe(1);
  });

  it('is drawn by probability, hotter with the temperature', () => {
    const shares = LOGITS.map((logit) => Math.exp(logit) / LOGITS.reduce((sum, each) => sum + Math.exp(each), 0));
    const counts = drawn({}, 4000);
    for (const [id, share] of shares.entries()) expect((counts.get(id) ?? 0) / 4000).toBeCloseTo(share, 1);
    expect(drawn({ temperature: 5 }).get(3) ?? 0).toBeGreaterThan(drawn({ temperature: 0.2 }).get(3) ?? 0);
  });

  it('comes from the k likeliest, or from those that together have probability p', () => {
    expect([...drawn({ topK: 2 }).keys()].sort()).toEqual([1, 2]);
    // The likeliest alone has 0.66.
    expect([...drawn({ topP: 0.6 }).keys()]).toEqual([1]);
    expect([...drawn({ topP: 0.7 }).keys()].sort()).toEqual([1, 2]);
  });
});
