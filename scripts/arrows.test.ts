/** The import arrows must refuse what they are there to refuse. */
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
  ])('refuses, in %s, %s', async (file, code, rule) => {
    expect(await broken(file, code)).toContain(rule);
  });

  it('lets an allowed import pass', async () => {
    expect(await broken('src/domain/task.ts', "import '../base/errors';")).toEqual([]);
  });
});
