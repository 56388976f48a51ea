/** An architecture's name occurs in the list of them, in its own folder, and nowhere else. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DECODER_ARCHITECTURES, DECODERS, ENCODER_ARCHITECTURES, ENCODERS } from '../../domain/architectures';

const ITS_PLACES = [
  'src/domain/architectures.ts',
  'src/engine/models/',
  'src/formats/gguf/models/',
  // The card of each model that comes with the app.
  'src/hub/embedded.ts',
  'src/testing/',
];
/** GGUF and transformers call kinds of tokenizers by the same words, whatever architecture they are for. */
const TOKENIZERS = /^src\/(formats\/gguf\/(write-)?tokenizer.*|text\/tokenizer-settings)\.ts$/;

const elsewhere = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !TOKENIZERS.test(path))
  .filter((path) => !ITS_PLACES.some((place) => path.startsWith(place)));

/** Comments may give examples. */
const codeOf = (path: string): string => readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*/gm, '');

const classes = [
  ...Object.values(ENCODERS).map(({ family }) => `${family}(Model|For\\w+)`),
  ...Object.values(DECODERS).map(({ className }) => className),
];

it.each([...ENCODER_ARCHITECTURES, ...DECODER_ARCHITECTURES, ...classes])('“%s” is written nowhere else', (name) => {
  const written = new RegExp(`['"\`]${name}[.'"\`]`);
  expect(elsewhere.filter((path) => written.test(codeOf(path)))).toEqual([]);
});

it('looks at the source', () => {
  expect(elsewhere.length).toBeGreaterThan(300);
  expect(readFileSync('src/domain/architectures.ts', 'utf8')).toMatch(/'xlm-roberta'/);
});
