/** Models and adapters as people have them (../shared/cases), against the logits of transformers and PEFT. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildLanguageModel } from '../../engine/build-language-model';
import { joinSequences } from '../../engine/language-model';
import { memoryFile } from '../../formats/folder';
import { chosenOf } from '../../hub/dropped';
import { openInNode } from '../../testing/node-backends';
import { defaultLanguageConfig } from '../../testing/settings';
import type { LoadedModel } from '../session';
import { readModel } from './base-model';
import { begunAs, goingOn } from './begin';

const CASES = '../shared/cases';
const here = existsSync(CASES);
const skip = here ? '' : ' (skipped: ../shared/cases is not there)';
/** What the logits of the cases are of. */
const IDS = [5, 9, 33, 70, 20, 41, 8, 77, 101, 3];

async function read(folder: string): Promise<LoadedModel> {
  const files = readdirSync(join(CASES, folder)).map((path) =>
    memoryFile(path, new Uint8Array(readFileSync(join(CASES, folder, path)))),
  );
  const source = { kind: 'files', name: folder, cacheKey: folder } as const;
  return readModel({ source, name: folder, licence: null, files: await chosenOf(files) }, {});
}

function logitsOf(loaded: LoadedModel, method: 'lora' | 'full'): number[][] {
  const model = begunAs(loaded, { method });
  const { config, tensors } = model.checkpoint;
  const facts = { ...model.info, method, task: 'chat', trainRows: 4, template: 'own', recipe: null } as const;
  const { config: training } = defaultLanguageConfig(facts);
  const built = buildLanguageModel({ config, tensors, training, ...goingOn(model) });
  const batch = joinSequences([{ ids: Int32Array.from(IDS), trained: Uint8Array.from(IDS, () => 1) }]);
  const logits = tf.tidy(() => built.logitsOf(built.states(batch, null)).arraySync());
  built.dispose();
  return logits;
}

describe.skipIf(!here)(`models of the cases${skip}`, () => {
  beforeAll(() => openInNode('cpu'));

  it.each([
    'M04-adapter-extras/saved-embedding',
    'M05-adapter-init/pissa',
    'M06-adapter-plain/plain',
    'M06-adapter-plain/exclude',
    'M07-gpt2-adapter/gpt2',
  ])('%s', async (name) => {
    const model = await read(name);
    const expected = JSON.parse(readFileSync(join(CASES, `${name}.expected.json`), 'utf8')) as number[][];
    for (const method of ['lora', 'full'] as const) {
      const off = logitsOf(model, method).map((row, i) => row.map((x, j) => Math.abs(x - (expected[i]?.[j] ?? NaN))));
      expect(Math.max(...off.flat())).toBeLessThan(1e-3);
    }
    expect(model.info.adapter).toMatchObject({ rank: 4, alpha: 8, dropout: 0 });
  });

  it('an added [PAD] without an embedding does no harm', async () =>
    expect((await read('M01-added-pad/llama')).info.vocabularySize).toBe(109));

  it.each(['ddp', 'orig_mod'])('names with what %s puts in front are read, and that is said', async (kind) =>
    expect((await read(`M03-prefix/${kind}`)).info.said).toEqual([
      expect.stringMatching(/carry what a training tool put into them/),
    ]),
  );
});
