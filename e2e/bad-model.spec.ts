/**
 * Each kind of bad model that a person can drop: refused with the file, the place and the fix, before anything is
 * trained.
 */
import { must } from '../src/base/assert';
import { topicsCsv, upload } from './support/data';
import { tinyBertFiles } from './support/hub-server';
import { expect, test } from './support/test';
import type { App } from './pages/app';

const WEIGHTS = 'model.safetensors';

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** The tiny model with a changed header of its weights; `headerLength` overrides the length that the file states. */
function withHeader(change: (header: Header) => void, headerLength?: bigint): Map<string, Buffer> {
  const files = tinyBertFiles();
  const bytes = must(files.get(WEIGHTS));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Header;
  change(header);
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  return files.set(WEIGHTS, Buffer.concat([prefix, text, bytes.subarray(8 + length)]));
}

const EMBEDDING = 'bert.embeddings.word_embeddings.weight';
const entry = (header: Header): Header[string] => must(header[EMBEDDING]);

function changed(change: (files: Map<string, Buffer>) => void): Map<string, Buffer> {
  const files = tinyBertFiles();
  change(files);
  return files;
}

const BAD: [what: string, files: () => Map<string, Buffer>, words: RegExp][] = [
  ['a header length beyond the file', () => withHeader(() => undefined, 10_000_000_000n), /model\.safetensors/],
  [
    'offsets beyond the file',
    () => withHeader((header) => (entry(header).data_offsets[1] += 1_000_000)),
    /word_embeddings|model\.safetensors/,
  ],
  [
    'tensors that overlap',
    () => withHeader((header) => (entry(header).data_offsets = [...must(header['classifier.weight']).data_offsets])),
    /model\.safetensors/,
  ],
  ['an unknown dtype', () => withHeader((header) => (entry(header).dtype = 'Q9')), /Q9/],
  [
    'a shape that does not fit its bytes',
    () => withHeader((header) => (entry(header).shape = [131, 33])),
    /word_embeddings/,
  ],
  [
    'a truncated download',
    () => changed((files) => files.set(WEIGHTS, must(files.get(WEIGHTS)).subarray(0, 60_000))),
    /model\.safetensors/,
  ],
  [
    'a missing tensor, named',
    () =>
      withHeader((header) => {
        header['something.else'] = must(header['bert.encoder.layer.1.output.dense.weight']);
        delete header['bert.encoder.layer.1.output.dense.weight'];
      }),
    /encoder\.layer\.1\.output\.dense\.weight/,
  ],
  ['no tokenizer', () => changed((files) => files.delete('vocab.txt')), /tokenizer/],
  [
    'a vocabulary larger than the embedding',
    () =>
      changed((files) =>
        files.set('vocab.txt', Buffer.concat([must(files.get('vocab.txt')), Buffer.from('extra\nwords\n')])),
      ),
    /vocab|131|133/i,
  ],
  ['no config', () => changed((files) => files.delete('config.json')), /config\.json/],
  [
    'another architecture',
    () =>
      changed((files) =>
        files.set('config.json', Buffer.from(JSON.stringify({ model_type: 'mamba', hidden_size: 32 }))),
      ),
    /mamba.*BERT|BERT.*mamba/is,
  ],
  [
    'a pickle by name',
    () =>
      changed((files) => {
        files.set('pytorch_model.bin', must(files.get(WEIGHTS)));
        files.delete(WEIGHTS);
      }),
    /pytorch_model\.bin/,
  ],
  [
    'a pickle under another name',
    () =>
      changed((files) => files.set(WEIGHTS, Buffer.from([0x80, 0x02, 0x7d, 0x71, 0x00, 0x2e, ...Buffer.alloc(64)]))),
    /pickle/i,
  ],
];

/** Offers the files as a person would and goes as far as the app lets them; the alert is what they see. */
async function offer(app: App, files: Map<string, Buffer>): Promise<void> {
  await app.go('model');
  await app.model.chooseFiles([...files].map(([name, content]) => upload(name, content)));
  const use = app.page.getByRole('button', { name: 'Use this model', exact: true });
  const alert = app.page.getByRole('alert');
  await expect(use.or(alert).first()).toBeVisible();
  if (await alert.count()) return;
  await use.click();
  await expect(alert).toBeVisible();
}

test.describe('refused', () => {
  for (const [what, files, words] of BAD) {
    test(what, async ({ app }) => {
      await app.open();
      await offer(app, files());
      await expect(app.page.getByRole('alert')).toContainText(words);
      await expect(app.line('model')).toHaveText('No model yet');
    });
  }
});

test('a good folder loads after a bad one, and survives a reload', async ({ app }) => {
  await app.open();
  await offer(
    app,
    changed((files) => files.delete('config.json')),
  );
  await app.model.chooseFiles([...tinyBertFiles()].map(([name, content]) => upload(name, content)));
  await app.page.getByRole('button', { name: 'Use this model', exact: true }).click();
  await app.model.ready();
  await app.page.reload();
  await expect(app.line('model')).toContainText('parameters', { timeout: 30_000 });
  await app.go('start');
  await app.start.choose(upload('topics.csv', topicsCsv(10)));
  await expect(app.line('train')).toHaveText('Ready to start');
});
