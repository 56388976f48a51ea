/** The rules of the house must refuse what they are there to refuse. */
import { must } from '../src/base/assert';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
// Under CI the parser would take the files as they are on disk instead of the code given here.
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } },
});

/** Rules that a piece of code breaks when it stands in the given file. */
async function broken(file: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath: join(ROOT, file) });
  return must(result).messages.map((message) => message.ruleId);
}

const ARROW = 'house/arrows';
const PACKAGE = '@typescript-eslint/no-restricted-imports';

describe('import directions', () => {
  it.each([
    ['src/base/assert.ts', "import '../domain/task';", ARROW],
    ['src/domain/task.ts', "import '../engine/types';", ARROW],
    ['src/engine/types.ts', "import '../worker/protocol';", ARROW],
    ['src/worker/link/client.ts', "import '../engine/types';", ARROW],
    ['src/worker/link/protocol.ts', "export * from '../data/dataset';", ARROW],
    ['src/domain/task.ts', "void import('../data/dataset');", ARROW],
    ['src/panels/data/data-panel.tsx', "import '../model/model-panel';", ARROW],
    ['src/domain/task.ts', "import '@tensorflow/tfjs-core';", PACKAGE],
    ['src/engine/types.ts', "import 'react';", PACKAGE],
    ['src/base/assert.ts', "import 'node:fs';", PACKAGE],
    ['src/lessons/classify/page/look.tsx', "import '../worker/look';", ARROW],
    ['src/lessons/classify/page/look.tsx', "import '../../../panels/train/charts';", ARROW],
    ['src/lessons/classify/page/look.tsx', "import '@tensorflow/tfjs-core';", PACKAGE],
    ['src/lessons/classify/worker/look.ts', "import '../page/look';", ARROW],
    ['src/lessons/classify/worker/look.ts', "import '../../../store';", ARROW],
    ['src/lessons/classify/worker/look.ts', "import 'react';", PACKAGE],
    ['src/lessons/classify/shared/schema.ts', "import '../page/look';", ARROW],
    ['src/lessons/classify/shared/schema.ts', "import '../worker/look';", ARROW],
    ['src/lessons/classify/shared/schema.ts', "import 'react';", PACKAGE],
    ['src/lessons/index.ts', "import './classify/page';", ARROW],
    ['src/lessons/pages.ts', "import './classify/worker';", ARROW],
    ['src/lessons/workers.ts', "import './classify/page';", ARROW],
    ['src/store/data.ts', "import '../lessons/pages';", ARROW],
    ['src/store/data.ts', "import '../lessons/classify/shared';", ARROW],
    ['src/panels/data/data-panel.tsx', "import '../../lessons/classify/page';", ARROW],
    ['src/panels/data/data-panel.tsx', "import '../../lessons/workers';", ARROW],
    ['src/data/dataset.ts', "import '../lessons/index';", ARROW],
  ])('refuses, in %s, %s', async (file, code, rule) => {
    expect(await broken(file, code)).toContain(rule);
  });

  it.each([
    ['src/domain/task.ts', "import '../base/errors';"],
    ['src/lessons/prefer/page/index.ts', "import '../../answer/page';"],
    ['src/lessons/prefer/worker/index.ts', "import '../../answer/worker';"],
    ['src/lessons/answer/page/look.tsx', "import '../shared/asked';"],
    ['src/panels/data/data-panel.tsx', "import '../../lessons/pages';"],
  ])('lets pass, in %s, %s', async (file, code) => {
    expect(await broken(file, code)).toEqual([]);
  });
});

const FORK = 'house/no-fork';

describe('forks between lessons', () => {
  it.each([
    ...['single-label', 'multi-label', 'regression', 'chat', 'preference', 'classify', 'answer', 'prefer'].map(
      (name) => `export const known = (of: string): boolean => of === '${name}';`,
    ),
    "export const known = (of: string): boolean => 'chat' !== of;",
    'export function known(of: string): number {\n  switch (of) {\n    case "prefer":\n      return 1;\n  }\n  return 2;\n}',
    'export const isLanguageTask = (): boolean => true;',
    'export const isDecoder = (): boolean => true;',
    'export const isEncoder = (): boolean => true;',
    "export const known = (of: object): boolean => 'beta' in of;",
  ])('are refused outside of lessons: %s', async (code) => {
    expect(await broken('src/store/readiness.ts', code)).toContain(FORK);
    expect(await broken('src/lessons/classify/shared/guess.ts', code)).not.toContain(FORK);
  });

  it.each([
    "export const known = (of: string): boolean => of === 'webgpu';",
    "export const known = (): boolean => 'gpu' in navigator;",
    'export const known = (of: Record<string, number>, name: string): boolean => name in of;',
  ])('are not seen where there is none: %s', async (code) => {
    expect(await broken('src/store/readiness.ts', code)).not.toContain(FORK);
  });
});
