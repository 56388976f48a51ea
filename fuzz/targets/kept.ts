/**
 * What the browser gives back, which another version of the app or a person may have written: settings, states of data
 * sets, notes of models.
 */
import fc from 'fast-check';
import { bytesSource, memoryStore } from '../../src/base/bytes';
import { Dataset } from '../../src/data/dataset';
import type { DatasetState } from '../../src/data/dataset';
import { ModelCache } from '../../src/hub/model-cache';
import { memoryFiles } from '../../src/storage/files';
import { EMPTY_SESSION, parseSession } from '../../src/store/session';
import { rowLessons } from '../../src/lessons';
import { readDatasetState } from '../../src/lessons/records';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, spoiltJson, spoiltText, utf8 } from '../hostile';

const session = {
  ...EMPTY_SESSION,
  datasetId: 'a',
  runId: 'b',
  modelSource: { kind: 'hub', id: 'a/b', revision: 'main' },
  changes: { 'classify.full': { epochs: 3 }, 'answer.lora': { lora: { rank: 4 } }, 'prefer.lora': { beta: 0.2 } },
};
/** As the first version kept it. */
const first = {
  ...session,
  version: undefined,
  changes: { full: { epochs: 3 }, lora: { lora: { rank: 4 } }, head: {}, 'language-lora': { beta: 0.2 } },
};

export const keptSettings = fuzzTarget(
  'Settings in localStorage',
  spoiltText(spoiltJson(fc.constantFrom<unknown>(session, first)), ['{', '"', ',']),
  (text) => {
    const read = parseSession(text);
    if (read === EMPTY_SESSION) return false;
    agree(parseSession(JSON.stringify(read)), read, 'what was read is not what is read again');
    holds(
      typeof read.hubUrl === 'string' && ['full', 'lora', 'head'].includes(read.method),
      'a setting makes no sense',
    );
    for (const source of [read.modelSource])
      holds(source === null || ['embedded', 'hub', 'files'].includes(source.kind), 'a source makes no sense');
    return true;
  },
);

const CSV = 'text,label,split\none two,a,train\nthree,b,train\nfour,a,test\nfive,b,dev\n';

/** Rows and state as they are kept. */
async function keep(): Promise<{ state: DatasetState; rows: Uint8Array; index: Uint8Array }> {
  const stores = { rows: memoryStore(), index: memoryStore() };
  const dataset = await Dataset.import(bytesSource('rows.csv', utf8(CSV)), 'id', stores, rowLessons, { durable: true });
  return {
    state: dataset.state(),
    rows: stores.rows.read(0, stores.rows.size),
    index: stores.index.read(0, stores.index.size),
  };
}
const kept = await keep();
const storeOf = (bytes: Uint8Array) => {
  const store = memoryStore();
  store.append(bytes);
  return store;
};
const mostly = <T>(sound: T, spoilt: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(sound) }, { weight: 2, arbitrary: spoilt });

export const keptDatasets = fuzzTarget(
  'Kept data sets',
  fc.record({
    state: spoiltJson(fc.constant(kept.state)),
    rows: mostly(kept.rows, spoiltBytes(fc.constant(kept.rows))),
    index: mostly(kept.index, spoiltBytes(fc.constant(kept.index))),
  }),
  async ({ state, rows, index }) => {
    const read = readDatasetState(JSON.parse(state));
    if (!read) return false;
    const opened = await outcomeOf(() =>
      Dataset.reopen(read, { rows: storeOf(rows), index: storeOf(index) }, rowLessons),
    );
    if (!opened.ok) return false;
    const { info } = opened.value;
    holds(
      opened.value.rows(0, info.rows, 'all').rows.every(({ cells }) => cells.every((cell) => typeof cell === 'string')),
      'a cell is no text',
    );
    holds(info.usableRows <= info.rows && info.rows === index.length / 8, 'rows are counted wrongly');
    return true;
  },
);

const note = {
  name: 'a/b',
  licence: 'mit',
  whole: true,
  files: [
    ['config.json', { size: 2, etag: '"x"', complete: true }],
    ['model.safetensors', { size: 4, etag: null, complete: true }],
  ],
};

export const keptModels = fuzzTarget(
  'Notes of cached models',
  spoiltText(spoiltJson(fc.constant(note)), ['{', '"', ',']),
  async (text) => {
    const files = memoryFiles();
    await files.write('key/folder.json', utf8(text));
    await files.write('key/config.json', utf8('{}'));
    await files.write('key/model.safetensors', new Uint8Array(4));
    const cache = new ModelCache(files);
    const folder = await outcomeOf(() => cache.folder('key', 'a model'));
    const bytes = await outcomeOf(() => cache.cachedBytes('key', ['config.json', 'model.safetensors']));
    holds(bytes.ok && Number.isSafeInteger(bytes.value) && bytes.value >= 0, 'the cached bytes make no sense');
    if (!folder.ok) return false;
    for (const file of folder.value) {
      holds(typeof file.path === 'string' && Number.isSafeInteger(file.size), 'a file makes no sense');
      const content = await outcomeOf(() => file.bytes());
      holds(content.ok && content.value.length === file.size, `"${file.path}" is not as its note says`);
    }
    return true;
  },
);
