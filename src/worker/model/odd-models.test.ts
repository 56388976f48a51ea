/**
 * Folders and adapters as people have them, against what transformers and PEFT make of them: the answers of the model
 * that is read, and of every export of it. The cases and their answers are written by scripts/verify/odd_models.py.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { architectureNamed } from '../../domain/architectures';
import type { LabelConfig } from '../../domain/training-config';
import { buildLanguageModel } from '../../engine/build-language-model';
import { buildModel } from '../../engine/build-model';
import { joinSequences, LanguageModel } from '../../engine/language-model';
import type { FineTuneModel } from '../../engine/types';
import { fromFloat32 } from '../../formats/dtype';
import { memoryFile, type FolderFile } from '../../formats/folder';
import { writeGgufAdapter } from '../../formats/gguf/adapter';
import { writeGgufModel } from '../../formats/gguf/write-model';
import { writeHfFolder } from '../../formats/hf-folder';
import { writePeftAdapter } from '../../formats/peft';
import { writeSentenceTransformers } from '../../formats/sentence-transformers';
import type { NamedTensor } from '../../formats/tensor';
import { chosenOf } from '../../hub/dropped';
import { writeLanguageFolder } from '../../lessons/answer/worker/exports/folder';
import { openInNode } from '../../testing/node-backends';
import { defaultConfig, defaultLanguageConfig, type LanguageConfig } from '../../testing/settings';
import { adapterFiles, isPlainAdapter } from '../run/adapter-files';
import type { OutFile } from '../run/export';
import type { LoadedModel } from '../session';
import { asAdapterSays, begunAs, goingOn } from './begin';
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

const readable = cases.filter(({ refused }) => refused === undefined);

beforeAll(() => openInNode('cpu'));

const folderOf = (one: Case): FolderFile[] =>
  Object.entries(one.files).map(([path, at]) =>
    memoryFile(path, new Uint8Array(Buffer.from(must(files[at]), 'base64'))),
  );

async function read(list: FolderFile[]): Promise<LoadedModel> {
  const source = { kind: 'files', name: 'odd', cacheKey: 'odd' } as const;
  return readModel({ source, name: 'odd', licence: null, files: await chosenOf(list) }, {});
}

type Method = 'lora' | 'full' | 'head';

function trainingOf({ info }: LoadedModel, method: Method): LabelConfig & LanguageConfig {
  const facts = { trainRows: 4, ...info, recipe: null, method };
  const headModules = info.head?.modules ?? [];
  const labelled = defaultConfig({ ...facts, trainExamples: 4, headModules }).config;
  if (method === 'head') return labelled as LabelConfig & LanguageConfig;
  const { config } = defaultLanguageConfig({ ...facts, method, task: 'chat', template: 'own' });
  return asAdapterSays({ ...labelled, ...config, lora: labelled.lora }, info);
}

async function build(model: LoadedModel, method: Method): Promise<LanguageModel | FineTuneModel> {
  const { config, tensors } = model.checkpoint;
  const training = trainingOf(model, method);
  if (model.writing) return buildLanguageModel({ config, tensors, training, ...goingOn(model) });
  return buildModel({ config, tensors, training, task: 'single-label', labels, ...goingOn(model) });
}

async function predicted(built: FineTuneModel, { tokenizer }: LoadedModel): Promise<number[][]> {
  const rows = texts.map((text, row) => ({ row, label: 0, ...tokenizer.encode(text, null, 64) }));
  return (await built.predict(rows)).map((row) => Array.from(row));
}

async function answersOf(model: LoadedModel, method: Method): Promise<number[][]> {
  const built = await build(model, method);
  try {
    if (!(built instanceof LanguageModel)) return await predicted(built, model);
    return texts.map((text) => {
      const { ids } = model.tokenizer.encode(text, null, 64);
      const batch = joinSequences([{ ids, trained: Uint8Array.from(ids, () => 1) }]);
      return Array.from(tf.tidy(() => built.logitsOf(built.states(batch, null))).dataSync());
    });
  } finally {
    built.dispose();
  }
}

const readme = '';

/** Every kind of file that a run of this model would hand out before its first step. */
async function exportsOf(loaded: LoadedModel): Promise<[kind: string, files: OutFile[]][]> {
  const method = loaded.adapter?.continued ? 'lora' : 'full';
  const model = begunAs(loaded, { method });
  const { config, tokenizerFiles } = model.checkpoint;
  const built = await build(model, method);
  const tensors = await built.merged();
  const adapter = model.begun?.going ? await built.adapter() : null;
  built.dispose();
  const peft = (taskType: 'CAUSAL_LM' | 'SEQ_CLS'): [string, OutFile[]][] =>
    adapter
      ? [
          [
            'adapter',
            writePeftAdapter({
              config: trainingOf(model, method).lora,
              ...adapterFiles(model, adapter),
              taskType,
              fanInFanOut: architectureNamed(model.info.architecture).fanInFanOut,
              baseModelName: 'tiny/base',
              readme,
            }),
          ],
        ]
      : [];
  if (!model.writing) {
    const className = must(model.head).className;
    const beside = { config, labels, task: 'single-label', tokenizerFiles, readme } as const;
    return [
      ['merged', writeHfFolder({ ...beside, tensors, architectures: [className] })],
      ...peft('SEQ_CLS'),
      ...(await quick(loaded, beside)),
    ];
  }
  const chat = { settings: {}, generationConfig: null, jinja: null };
  const whole = { config, tensors, tokenizerFiles, chatTemplate: null };
  const { className } = model.writing;
  const gguf = writeGgufModel({ ...whole, type: 'F16', name: 'tiny', licence: null });
  return [
    ['merged', writeLanguageFolder({ ...whole, chat, className, readme })],
    ['gguf', [{ path: 'model.gguf', bytes: gguf }]],
    ...peft('CAUSAL_LM'),
    ...(adapter && isPlainAdapter(model) ? [['gguf-adapter', ggufAdapter(model, adapter)] as [string, OutFile[]]] : []),
  ];
}

function ggufAdapter({ checkpoint: { config }, adapter, begun }: LoadedModel, tensors: NamedTensor[]): OutFile[] {
  const { alpha } = must(adapter).facts;
  const scalings = begun?.going?.plan.layers;
  return [{ path: 'adapter.gguf', bytes: writeGgufAdapter({ config, tensors, alpha, scalings, name: 'tiny' }) }];
}

/** A Quick head of known values on a clean encoder, with what the engine says by it. */
async function quick(
  model: LoadedModel,
  beside: Pick<
    Parameters<typeof writeSentenceTransformers>[0],
    'config' | 'labels' | 'task' | 'tokenizerFiles' | 'readme'
  >,
): Promise<[string, OutFile[]][]> {
  if (model.adapter) return [];
  const built = await build(model, 'head');
  if (built instanceof LanguageModel) throw new Error('no encoder');
  const { hiddenSize } = model.info;
  const weight = Float32Array.from({ length: labels.length * hiddenSize }, (_, i) => ((i * 37) % 19) / 8 - 1);
  const dense = {
    weight: fromFloat32('linear.weight', [labels.length, hiddenSize], weight),
    bias: fromFloat32('linear.bias', [labels.length], Float32Array.of(0.5, -0.25, 0.125)),
  };
  built.restore(new Map([dense.weight, dense.bias].map((tensor) => [tensor.name, tensor])));
  const answers = await predicted(built, model);
  const encoderTensors = (await built.merged())
    .filter(({ name }) => !name.startsWith('linear.'))
    .map((tensor) => ({ ...tensor, name: tensor.name.replace(must(model.head).prefix, '') }));
  built.dispose();
  const files = writeSentenceTransformers({ ...beside, encoderTensors, dense, maxLength: 32 });
  const said = answers.map((row) => row.map((value) => Number(value.toFixed(3))));
  return [['sentence-transformers', [...files, { path: 'answers.json', bytes: Buffer.from(JSON.stringify(said)) }]]];
}

const difference = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(
    ...a.flatMap((row, i) =>
      row.length === b[i]?.length ? row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? NaN))) : [Infinity],
    ),
  );

describe('folders and adapters as transformers and PEFT read them', () => {
  it.each(readable)('$name', async (one) => {
    const model = await read(folderOf(one));
    expect(texts.map((text) => [...model.tokenizer.encode(text, null, 64).ids])).toEqual(one.ids);
    for (const method of model.adapter?.continued ? (['lora', 'full'] as const) : (['full'] as const))
      expect(difference(await answersOf(begunAs(model, { method }), method), one.logits)).toBeLessThan(2e-4);
  });

  it.each(cases.filter(({ refused }) => refused !== undefined))('$name', async (one) => {
    const failed = await read(folderOf(one)).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`\`${must(one.refused)}\``) as string,
      fix: expect.stringMatching(/in Python/i) as string,
    });
  });
});

/**
 * Files that transformers, PEFT and sentence-transformers have read with the expected answers, by their digests. With
 * TABTUNE_ODD_EXPORTS set to a folder the files are written there, for scripts/verify/check_odd_exports.py.
 */
const proved = JSON.parse(readFileSync('e2e/fixtures/odd-models/exports.json', 'utf8')) as Record<
  string,
  Record<string, string>
>;
const folder = process.env['TABTUNE_ODD_EXPORTS'];

function digest(list: readonly OutFile[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes } of list
    .filter((file) => file.path !== 'README.md')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path} ${createHash('sha256').update(bytes).digest('hex')}\n`);
  return hash.digest('hex');
}

function keep(name: string, kind: string, list: readonly OutFile[]): void {
  for (const { path, bytes } of list) {
    const at = join(must(folder), String(cases.findIndex((one) => one.name === name)), kind, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, bytes);
  }
}

describe('exports, whose files these libraries have read', () => {
  it.each(readable)('$name', async (one) => {
    const all = await exportsOf(await read(folderOf(one)));
    for (const [kind, list] of all)
      if (folder !== undefined) keep(one.name, kind, list);
      else expect([kind, digest(list)]).toEqual([kind, proved[one.name]?.[kind]]);
    const merged = all.find(([kind]) => kind === 'merged')?.[1] ?? [];
    const again = await read(merged.map(({ path, bytes }) => memoryFile(path, bytes)));
    expect(difference(await answersOf(again, 'full'), one.logits)).toBeLessThan(2e-4);
  });
});
