/** The run of stories.mjs against what transformers reached with it (stories_reference.py). */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runStories } from './lib/stories';

const [MODEL, DATA] = ['../shared/models/stories260K', '../shared/data/snips'];
const there = existsSync(MODEL) && existsSync(DATA);
const TRANSFORMERS = { before: 5.75671, after: 3.34095 };

it.skipIf(!there)(
  there
    ? 'full fine-tuning of a tiny Llama lowers the validation loss by what transformers reaches'
    : `skipped: ${MODEL} and ${DATA} are not beside this checkout`,
  async () => {
    const { before, after, steps } = await runStories({
      model: MODEL,
      data: DATA,
      backend: 'wasm',
      epochs: 2,
      seed: 1,
    });
    expect(steps).toBe(50);
    expect(Math.abs(before - TRANSFORMERS.before)).toBeLessThan(1e-3);
    const share = (before - after) / (TRANSFORMERS.before - TRANSFORMERS.after);
    expect(Math.abs(share - 1)).toBeLessThan(0.02);
  },
  60_000,
);
