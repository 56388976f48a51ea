/**
 * What lies beside tokenizer.json, against what transformers' AutoTokenizer makes of it. The cases are written by
 * scripts/verify/tokenizer_settings.py.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { loadTokenizer, tokenizersReady } from './tokenizer';

await tokenizersReady();

interface Case {
  name: string;
  model_type: string;
  files: Record<string, string>;
  bare?: number[][];
  full?: number[][];
}
const { texts, cases } = JSON.parse(gunzipSync(readFileSync('src/text/tokenizer-settings.json.gz')).toString()) as {
  texts: string[];
  cases: Case[];
};

it.each(cases.filter(({ bare }) => bare !== undefined))('$name', ({ model_type, files, bare, full }) => {
  const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  const tokenizer = loadTokenizer(new Map(bytes), { model_type });
  expect(texts.map((text) => tokenizer.bare(text))).toEqual(bare);
  expect(texts.map((text) => [...tokenizer.encode(text, null, 1e6).ids])).toEqual(full);
});
