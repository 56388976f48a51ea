/** The limits of length hold, files of src/ import each other in no circle, and what is let off from either is needed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, describe, expect, it } from 'vitest';
import { importCircles } from './lib/circles.mjs';
import { ROOT } from './lib/dependencies.mjs';
import { LIMITS } from './lib/limits.mjs';
import { CIRCLES, LONG } from './lib/ratchet.mjs';

describe('the limits of length', () => {
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    allowInlineConfig: false,
    overrideConfig: [{ files: ['**/*.{ts,tsx}'], languageOptions: { parser: tseslint.parser }, rules: LIMITS }],
  });
  const brokenIn = async (code: string): Promise<(string | null)[]> =>
    (await eslint.lintText(code, { filePath: 'src/any.ts' })).flatMap(({ messages }) =>
      messages.map(({ ruleId }) => ruleId),
    );

  it('refuse long files, lines, functions and lists of parameters', async () => {
    const line = 'console.log(1);\n';
    expect(await brokenIn(line.repeat(300))).toEqual([]);
    expect(await brokenIn(line.repeat(301))).toEqual(['max-lines']);
    expect(await brokenIn(`console.log('${'a'.repeat(110)}');\n`)).toEqual(['max-len']);
    expect(await brokenIn(`function f() {\n${line.repeat(58)}}\n`)).toEqual([]);
    expect(await brokenIn(`function f() {\n${line.repeat(59)}}\n`)).toEqual(['max-lines-per-function']);
    expect(await brokenIn('function f(a, b, c, d, e) {}\n')).toEqual([]);
    expect(await brokenIn('function f(a, b, c, d, e, g) {}\n')).toEqual(['max-params']);
  });

  it('are off only for files that need it (else: take the file off LONG in scripts/lib/ratchet.mjs)', async () => {
    const fine = LONG.length === 0 ? [] : (await eslint.lintFiles(LONG)).filter(({ errorCount }) => errorCount === 0);
    expect(fine.map(({ filePath }) => filePath)).toEqual([]);
  });
});

describe('imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-circles-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('in a circle are found, also those of types, of folders and at run time', () => {
    mkdirSync(join(folder, 'inner'));
    const files = {
      'a.ts': "import { b } from './b';",
      'b.ts': "export type { C } from './inner';",
      'inner/index.ts': "export const late = () => import('../a');",
      'd.ts.txt': "import './a';",
      'e.tsx': "import './a'; import type { E } from './e';",
      'f.ts': "import './e'; // import './g'",
      'g.ts': "import './f';",
      'g.test.ts': "import './f';",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    expect(importCircles(folder)).toEqual([['a.ts', 'b.ts', 'inner/index.ts'], ['e.tsx']]);
  });

  it('in src/ go round in no circle but those that are known (else: CIRCLES in scripts/lib/ratchet.mjs)', () => {
    const found = importCircles(join(ROOT, 'src'));
    const within = (circle: string[], known: string[]): boolean => circle.every((file) => known.includes(file));
    expect(found.filter((circle) => !CIRCLES.some((known) => within(circle, known)))).toEqual([]);
    expect(CIRCLES.filter((known) => !found.some((circle) => within(circle, known)))).toEqual([]);
  });
});
