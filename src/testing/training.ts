/** For tests: rows that the tiny encoder can learn, and settings under which it does. */
import { SeededRandom } from '../base/random';
import type { LabelConfig, Method } from '../domain/training-config';
import { defaultConfig } from './settings';
import { encoderSpec } from '../engine/models';
import { CONFIG } from './checkpoint';
import type { EncodedExample } from '../engine/types';
import type { LoopEvent, Telling, TrainWish } from '../engine/training/wishes';

/** Rows whose label is told by which of two ids occurs; lengths vary. */
export function exampleRows(count: number, seed: number): EncodedExample[] {
  const random = new SeededRandom(seed, 'rows');
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2;
    const ids = Int32Array.from({ length: 4 + random.below(14) }, () => 10 + random.below(30));
    ids[0] = 1;
    ids[2] = 5 + label;
    return { row: i + 1, ids, typeIds: null, label };
  });
}

export function testSettings(method: Method, more: Partial<LabelConfig> = {}): LabelConfig {
  const { linearModules, headModules } = encoderSpec(CONFIG);
  const { config } = defaultConfig({
    method,
    hiddenSize: 16,
    trainExamples: 64,
    maxPositions: 24,
    linearModules,
    headModules,
    recipe: null,
  });
  return { ...config, learningRate: 1e-2, epochs: 3, batchSize: 8, ...more };
}

/** Iterates the training loop to its end, answering each event. */
export async function drive(
  loop: Telling,
  answer: (event: LoopEvent) => TrainWish | undefined | Promise<TrainWish | undefined> = () => undefined,
): Promise<LoopEvent[]> {
  const events: LoopEvent[] = [];
  for (let next = await loop.next(); !next.done;) {
    events.push(next.value);
    next = await loop.next(await answer(next.value));
  }
  return events;
}
