/**
 * Folders and adapters as people have them, against what transformers and PEFT make of them: the answers of the model
 * that is read, and of every export of it. The cases and their answers are written by scripts/verify/odd_models.py.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { buildLanguageModel } from '../../engine/build-language-model';
import { buildModel } from '../../engine/build-model';
import { joinSequences } from '../../engine/language-model';
import { memoryFile, type FolderFile } from '../../formats/folder';
import { chosenOf } from '../../hub/dropped';
import { openInNode } from '../../testing/node-backends';
import { defaultConfig, defaultLanguageConfig } from '../../testing/settings';
import type { LoadedModel } from '../session';
import { begunAs, goingOn } from './begin';
import { readModel } from './base-model';

interface Case {
  name: string;
  files: Record<string, number>;
  ids: number[][];
  logits: number[][];
  refused?: string;
}
const { texts, labels, cases, files } = JSON.parse(
  gunzipSync(readFileSync('e2e/fixtures/odd-models/cases.json.gz')).toString(),
) as { texts: string[]; labels: string[]; cases: Case[]; files: string[] };

beforeAll(() => openInNode('cpu'));

const folderOf = (one: Case): FolderFile[] =>
  Object.entries(one.files).map(([path, at]) =>
    memoryFile(path, new Uint8Array(Buffer.from(must(files[at]), 'base64'))),
  );

async function read(list: FolderFile[]): Promise<LoadedModel> {
  const source = { kind: 'files', name: 'odd', cacheKey: 'odd' } as const;
  return readModel({ source, name: 'odd', licence: null, files: await chosenOf(list) }, {});
}

async function answersOf(model: LoadedModel, method: 'lora' | 'full'): Promise<number[][]> {
  const { config, tensors } = model.checkpoint;
  const { info, tokenizer } = model;
  const facts = { trainRows: 4, ...info, recipe: null };
  const rows = texts.map((text) => tokenizer.encode(text, null, 64));
  if (info.writing) {
    const { config: training } = defaultLanguageConfig({ ...facts, method, task: 'chat', template: 'own' });
    const built = buildLanguageModel({ config, tensors, training, ...goingOn(model) });
    const out = rows.map(({ ids }) => {
      const batch = joinSequences([{ ids, trained: Uint8Array.from(ids, () => 1) }]);
      return Array.from(tf.tidy(() => built.logitsOf(built.states(batch, null))).dataSync());
    });
    built.dispose();
    return out;
  }
  const headModules = must(info.head).modules;
  const { config: training } = defaultConfig({ ...facts, method, trainExamples: 4, headModules });
  const built = await buildModel({ config, tensors, training, task: 'single-label', labels, ...goingOn(model) });
  const out = await built.predict(rows.map(({ ids, typeIds }, row) => ({ row, ids, typeIds, label: 0 })));
  built.dispose();
  return out.map((row) => Array.from(row));
}

const difference = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(
    ...a.flatMap((row, i) =>
      row.length === b[i]?.length ? row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? NaN))) : [Infinity],
    ),
  );

describe('folders and adapters as transformers and PEFT read them', () => {
  it.each(cases.filter(({ refused }) => refused === undefined))('$name', async (one) => {
    const model = await read(folderOf(one));
    expect(texts.map((text) => [...model.tokenizer.encode(text, null, 64).ids])).toEqual(one.ids);
    const method = model.adapter?.continued ? 'lora' : 'full';
    expect(difference(await answersOf(begunAs(model, { method }), method), one.logits)).toBeLessThan(2e-4);
  });
});
