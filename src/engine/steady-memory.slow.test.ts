/**
 * Training holds no more after many steps over rows of varying lengths than after the first few: no tensor, no byte of
 * the backend, no megabyte of the JavaScript heap. TABTUNE_MEMORY_STEPS sets how many; `npm run test:soak` makes it
 * 1,000 and keeps the result.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import type { BackendName } from '../domain/device';
import { memoryBytes, reservedBytes, tensorCount } from './backend/backends';
import { buildModel } from './build-model';
import { classification } from './learners/classification';
import { openInNode, whyNotInNode } from '../testing/node-backends';
import { checkpoint, CONFIG } from '../testing/checkpoint';
import { exampleRows, testSettings } from '../testing/training';
import { train } from './training/loop';

const asked = process.env['TABTUNE_MEMORY_STEPS'];
/** After the warm-up, by backend: a software GPU takes a tenth of a second a step. */
const STEPS: Record<BackendName, number> = {
  cpu: Number(asked ?? 88),
  wasm: Number(asked ?? 168),
  webgpu: Number(asked ?? 16),
};
const RESULT = join(process.cwd(), 'bench', 'results', 'soak-memory.json');
/**
 * Rows in batches of four: by now every length has been met that will be. A batch of nothing but the shortest comes
 * late, after 32 steps and before 480.
 */
const WARM_UP = asked ? 480 : 32;
const ROWS = 64;
const MOST_HEAP_BYTES = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Held {
  tensors: number;
  backendBytes: number;
  heapBytes: number;
  /** Bytes taken from the device, those kept for later use included; as growth, a share of what they were. */
  reserved: number;
}

function held(): Held {
  collectGarbage();
  return {
    tensors: tensorCount(),
    backendBytes: memoryBytes(),
    heapBytes: process.memoryUsage().heapUsed,
    reserved: reservedBytes(),
  };
}

/** What the run holds at its last step beyond what it held after the warm-up. */
async function growth(backend: BackendName, steps: number): Promise<Held> {
  await openInNode(backend);
  const perEpoch = ROWS / 4;
  const config = testSettings('full', {
    batchSize: 4,
    epochs: Math.ceil((WARM_UP + steps) / perEpoch),
    dropout: 0.1,
    keepBest: false,
    validateEverySteps: 10_000,
  });
  const model = await buildModel({
    config: CONFIG,
    tensors: checkpoint(),
    task: 'single-label',
    labels: ['no', 'yes'],
    training: config,
  });
  let before: Held | null = null;
  let after: Held | null = null;
  try {
    for await (const event of train(
      classification(model, { train: exampleRows(ROWS, 1), validation: [] }, config, new AbortController().signal),
      config,
    )) {
      if (event.type !== 'step') continue;
      if (event.record.step === WARM_UP) before = held();
      if (event.record.step === WARM_UP + steps) after = held();
    }
  } finally {
    model.dispose();
  }
  if (!before || !after) throw new Error('The run was too short.');
  return {
    tensors: after.tensors - before.tensors,
    backendBytes: after.backendBytes - before.backendBytes,
    heapBytes: after.heapBytes - before.heapBytes,
    reserved: after.reserved / before.reserved - 1,
  };
}

describe('many steps over rows of varying lengths', () => {
  const found: Partial<Record<BackendName, Held & { steps: number }>> = {};
  for (const backend of ['cpu', 'wasm', 'webgpu'] as const) {
    const missing = whyNotInNode(backend);
    it.skipIf(missing !== null)(
      missing ? `${backend}: ${missing}` : `${STEPS[backend]} on ${backend} hold nothing more`,
      { timeout: 600_000 },
      async () => {
        const grown = await growth(backend, STEPS[backend]);
        found[backend] = { steps: STEPS[backend], ...grown };
        expect(grown).toMatchObject({ tensors: 0, backendBytes: 0 });
        expect(grown.reserved).toBeLessThanOrEqual(0);
        expect(grown.heapBytes).toBeLessThanOrEqual(MOST_HEAP_BYTES);
      },
    );
  }
  afterAll(() => {
    if (!asked) return;
    mkdirSync(join(RESULT, '..'), { recursive: true });
    writeFileSync(
      RESULT,
      `${JSON.stringify({ model: 'tiny BERT, all weights', warmUpSteps: WARM_UP, grownBy: found }, null, 2)}\n`,
    );
  });
});
