/** The files that repeat a decoder's run: what the script reads is what is written, and Python can read the script. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../base/assert';
import type { LanguageExample } from '../../../../domain/conversation';
import type { SplitName } from '../../../../domain/task';
import { writePeftAdapter } from '../../../../formats/peft';
import { defaultLanguageConfig } from '../../../../testing/settings';
import { preferring } from '../../../prefer/worker';
import { answering } from '..';
import { languageCard } from './card';
import type { RecipeParts } from './recipe';
import { trainingFiles } from './train-script';

const config = defaultLanguageConfig({
  method: 'lora',
  task: 'chat',
  hiddenSize: 64,
  trainRows: 2,
  maxPositions: 128,
  linearModules: ['q_proj'],
  recipe: null,
  template: 'own' as const,
}).config;
const RECIPE: RecipeParts = {
  kind: answering,
  name: 'faq',
  createdAt: '2026-01-02T03:04:05.000Z',
  config,
  data: {
    name: 'faq.jsonl',
    sha256: 'ab'.repeat(32),
    mapping: { lesson: 'answer', layout: 'messages', columns: { messages: 'messages' }, split: null },
    split: { train: 0.8, validation: 0.1, test: 0.1, seed: 42, dropDuplicates: false },
    splitRows: { train: 2, validation: 1, test: 0 },
  },
  model: { name: 'tiny', architecture: 'llama', parameters: 1, licence: null, baseModel: null },
  chat: { template: '{{ messages }}', eosId: 2, stopIds: [2] },
  device: { backend: 'wasm', name: 'CPU' },
  versions: { tabtune: '0' },
};
const ROWS: [SplitName, LanguageExample][] = [
  [
    'train',
    {
      row: 1,
      kind: 'chat',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
      ],
    },
  ],
  ['train', { row: 2, kind: 'text', text: 'Once\nupon' }],
  [
    'validation',
    { row: 3, kind: 'preference', prompt: [{ role: 'user', content: 'Why?' }], chosen: 'So.', rejected: 'No.' },
  ],
];

const files = new Map(trainingFiles(RECIPE, ROWS).map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]));
const script = files.get('train.py') ?? '';
const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('the files', () => {
  it('are the script, the recipe and the rows', () => {
    expect([...files.keys()]).toEqual(['train.py', 'recipe.json', 'rows.jsonl']);
    expect(
      (files.get('rows.jsonl') ?? '')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        split: 'train',
        row: 1,
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
        ],
      },
      { split: 'train', row: 2, text: 'Once\nupon' },
      { split: 'validation', row: 3, prompt: [{ role: 'user', content: 'Why?' }], chosen: 'So.', rejected: 'No.' },
    ]);
  });

  it('the recipe has every field that the script takes from it', () => {
    const recipe = JSON.parse(files.get('recipe.json') ?? '') as Record<string, Record<string, unknown>>;
    const asked = [...script.matchAll(/\b(recipe|training|lora)\["(\w+)"\](?:\["(\w+)"\])?/g)];
    expect(asked.length).toBeGreaterThan(20);
    const training = must(recipe['training']);
    const places: Record<string, unknown> = { recipe, training, lora: training['lora'] };
    for (const [, place, field, inner] of asked) {
      const value = (places[must(place)] as Record<string, unknown>)[must(field)];
      expect(value, `${place}.${field}`).toBeDefined();
      if (inner) expect((value as Record<string, unknown>)[inner], `${field}.${inner}`).toBeDefined();
    }
  });

  it.skipIf(!hasPython)('the script is Python (skipped without python3)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'train-script-'));
    try {
      const path = join(folder, 'train.py');
      writeFileSync(path, script);
      const { status, stderr } = spawnSync('python3', ['-m', 'py_compile', path], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('an adapter says which kind of model it belongs to', () => {
  const config = { rank: 1, alpha: 2, dropout: 0, targetModules: ['q_proj'], modulesToSave: [] };
  const typeOf = (taskType?: 'CAUSAL_LM'): unknown => {
    const [file] = writePeftAdapter({
      config,
      tensors: [],
      baseModelName: null,
      readme: '',
      ...(taskType ? { taskType } : {}),
    });
    return (JSON.parse(new TextDecoder().decode(must(file).bytes)) as Record<string, unknown>)['task_type'];
  };
  expect([typeOf(), typeOf('CAUSAL_LM')]).toEqual(['SEQ_CLS', 'CAUSAL_LM']);
});

describe('the card', () => {
  const metrics = (loss: number, exactMatch: number | null) => ({
    loss,
    perplexity: Math.exp(loss),
    tokenAccuracy: 0.5,
    exactMatch,
    rougeL: exactMatch,
  });
  it('begins with front matter that tools read, and states data, recipe and results', () => {
    const card = languageCard(
      { ...RECIPE, model: { ...RECIPE.model, licence: 'Apache-2.0', baseModel: 'owner/tiny' } },
      'adapter',
      { rows: 5, answers: 4, before: metrics(2, 0), after: metrics(1, 0.75) },
    );
    expect(/^---\n([\s\S]*?)\n---\n/.exec(card)?.[1]?.split('\n')).toEqual([
      'license: "apache-2.0"',
      'library_name: peft',
      'pipeline_tag: text-generation',
      'base_model: "owner/tiny"',
      'tags:',
      '  - tabtune',
      '  - lora',
    ]);
    for (const part of [
      '| perplexity | 7.3891 | 2.7183 |',
      '| exact match | 0.0000 | 0.7500 |',
      'rank 16, alpha 32',
      '| frozen weights kept in | 32 bits |',
      'Training 2, validation 1, test 0 rows',
      '## Limits',
    ])
      expect(card).toContain(part);
  });

  it('says what was not measured, and lets no name change its layout', () => {
    const card = languageCard({ ...RECIPE, name: 'My *run*\n# not a heading' }, 'merged', {
      rows: 5,
      answers: 0,
      before: metrics(2, null),
      after: metrics(1, null),
    });
    expect(card).toContain('# My \\*run\\* \\# not a heading\n');
    expect(card).toContain('| ROUGE-L | not measured | not measured |');
    expect(card).not.toContain('base_model');
    expect(languageCard(RECIPE, 'merged', null)).toContain('not been evaluated');
  });

  it('speaks of preferences when they were taught', () => {
    expect(languageCard({ ...RECIPE, kind: preferring }, 'adapter', null)).toMatch(
      /taught preferences by DPO[\s\S]*\| beta \| 0\.1 \|/,
    );
  });
});
