/** What is dropped goes where it belongs, whatever step is in view, and what is not opened is named. */
import { describe, expect, it } from 'vitest';
import type { RequestName } from '../worker/link/protocol';
import { fakeBrowser, fakeWorker } from './fakes';
import { htmlTable } from './html-table';
import { makeStore } from './make-store';
import type { RouteName } from './routes';
import { looksLikeModel, sortFiles } from './sort-files';

const files = (...paths: string[]) => paths.map((path) => ({ path, file: new File(['x'], path) }));
const MODEL = ['config.json', 'model.safetensors', 'tokenizer.json'];

describe('looksLikeModel', () => {
  it.each([
    [['model/config.json', 'model/model.safetensors']],
    [['pytorch_model.bin']],
    [['adapter_config.json']],
    [['tiny.gguf']],
    [['config.json']],
    [['model-00001-of-00002.safetensors', 'model.safetensors.index.json', 'eval.csv']],
    [['pytorch_model-00001-of-00002.bin', 'notes.csv']],
    [['weights.pt']],
    [['vocab.txt', 'config.json']],
    [['a/b/1_Pooling/config.json', 'a/b/modules.json']],
  ])('knows %j', (paths) => expect(looksLikeModel(paths)).toBe(true));

  it.each([
    [['rows.csv']],
    [['data.json']],
    [['config.jsonl']],
    [['my-config.json']],
    [['export.zip']],
    [['data/train.csv', 'data/config.json']],
    [['aclImdb/imdb.vocab', 'aclImdb/train/pos/0_9.txt']],
    [['train.csv', 'vocab.txt']],
    [['cars/models.json']],
    [['x/train.csv', 'x/features.h5']],
  ])('leaves %j alone', (paths) => expect(looksLikeModel(paths)).toBe(false));
});

describe('what is dropped at once', () => {
  const paths = (sorted: ReturnType<typeof sortFiles>) => ({
    data: sorted.data.map(({ path }) => path),
    models: sorted.models.map(({ name, files: its }) => [name, ...its.map(({ path }) => path)]),
    projects: sorted.projects.map(({ path }) => path),
    beside: sorted.besideModels,
  });

  it('is sorted by folders and names', () => {
    const model = MODEL.map((name) => `tiny/${name}`);
    expect(paths(sortFiles(files('train.csv', ...model, 'run.tabtune.zip'), new Map()))).toEqual({
      data: ['train.csv'],
      models: [['tiny', ...model]],
      projects: ['run.tabtune.zip'],
      beside: [],
    });
    const inside = ['p/data/a.jsonl', 'p/model/config.json', 'p/model/model.safetensors', 'p/model/eval.csv'];
    expect(paths(sortFiles(files(...inside), new Map()))).toEqual({
      data: ['p/data/a.jsonl'],
      models: [['model', ...inside.slice(1)]],
      projects: [],
      beside: ['p/model/eval.csv'],
    });
    expect(paths(sortFiles(files(...MODEL, 'rows.csv'), new Map()))).toMatchObject({
      data: ['rows.csv'],
      models: [['config.json', ...MODEL]],
    });
  });

  it('is sorted by what archives hold', () => {
    const names = new Map([
      ['a.zip', ['tiny/config.json', 'tiny/model.safetensors']],
      ['b.zip', ['train.csv', 'readme.txt']],
      ['c.zip', ['project.json', 'data/rows.bin', 'weights.safetensors']],
    ]);
    expect(paths(sortFiles(files('a.zip', 'b.zip', 'c.zip', 'd.zip'), names))).toEqual({
      data: ['b.zip', 'd.zip'],
      models: [['a.zip', 'a.zip']],
      projects: ['c.zip'],
      beside: [],
    });
  });
});

describe('the step', () => {
  function given(route: RouteName, inside: (string[] | null)[] = []) {
    const asked: [RequestName, unknown][] = [];
    const worker = fakeWorker({ lookInside: () => inside, closeData: () => null });
    const browser = fakeBrowser();
    browser.go(route);
    const store = makeStore({
      browser,
      ask: (name, params, options) => {
        asked.push([name, params]);
        return worker.ask(name, params, options);
      },
    });
    store.ui.getState().arrive(route);
    return { store, browser, asked };
  }
  const take = async (route: RouteName, dropped: string[], inside: (string[] | null)[] = []) => {
    const { store, browser, asked } = given(route, inside);
    void store.intake.getState().take(files(...dropped));
    await new Promise((resolve) => setTimeout(resolve, 0));
    const names = asked.map(([name]) => name).filter((name) => name !== 'lookInside');
    return { to: browser.route(), asked: names, notice: store.intake.getState().notice };
  };

  it.each<[RouteName, string[], (string[] | null)[], RouteName, RequestName]>([
    ['model', ['rows.csv'], [], 'data', 'openData'],
    ['model', ['archive.zip'], [['train.csv']], 'data', 'openData'],
    ['data', ['tiny.zip'], [['config.json', 'model.safetensors']], 'model', 'describeModel'],
    ['data', ['run.tabtune.zip'], [null], 'runs', 'importProject'],
    ['start', ['a/adapter_config.json', 'a/adapter_model.safetensors'], [], 'model', 'describeModel'],
    ['train', ['train.csv', 'test.csv'], [], 'data', 'openData'],
    ['data', ['model.gguf'], [], 'model', 'describeModel'],
  ])('on %s, %j (holding %j) goes to %s', async (route, dropped, inside, to, request) => {
    expect(await take(route, dropped, inside)).toEqual({ to, asked: [request], notice: [] });
  });

  it('stays where it is one of several, and all are named', async () => {
    const dropped = ['rows.csv', 'one/config.json', 'one/a.safetensors', 'two/config.json', 'two/b.safetensors'];
    const { to, asked, notice } = await take('model', dropped);
    expect([to, asked]).toEqual(['model', ['openData', 'describeModel']]);
    expect(notice.join(' ')).toMatch(/rows\.csv under Data and one under Model.*Not opened: two/);
  });

  it('opens one file alone of those that were dropped', async () => {
    const { store, asked } = given('data');
    void store.intake.getState().take(files('movies.csv', 'ratings.csv'));
    await new Promise((resolve) => setTimeout(resolve, 0));
    void store.intake.getState().openAlone('movies.csv');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked.map(([name]) => name)).toEqual(['openData', 'openData']);
    expect(asked[1]?.[1]).toMatchObject({ kind: 'files', files: [{ path: 'movies.csv' }] });
  });

  it('says that an empty folder is empty', async () => {
    expect((await take('data', [])).notice).toEqual([expect.stringContaining('no files')]);
  });

  it.each([
    [{ text: 'a\tb\nc\td', html: '' }, 'a\tb\nc\td'],
    [{ text: '[{"text": "a"}]', html: '' }, '[{"text": "a"}]'],
    [{ text: '', html: '<b>x</b><table><tr><td>a<td>b &amp; c</tr></table>' }, 'a\tb & c'],
  ])('opens what is pasted: %j', async (pasted, text) => {
    const { store, asked } = given('start');
    void store.intake.getState().paste({ files: [], ...pasted });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked).toEqual([['openData', { kind: 'text', name: 'Pasted table', text }]]);
  });

  it('takes pasted files, but not a picture of cells, and says when there is no table', async () => {
    const { store, asked } = given('data');
    const picture = new File(['x'], 'image.png', { type: 'image/png' });
    await store.intake.getState().paste({ files: [picture], text: 'hello', html: '' });
    expect(store.intake.getState().notice).toEqual([expect.stringContaining('no table')]);
    void store.intake.getState().paste({ files: [new File(['x'], 'rows.csv')], text: 'rows.csv', html: '' });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked.map(([name]) => name)).toEqual(['openData']);
  });
});

describe('a table in HTML', () => {
  it('keeps cells, breaks and entities, and leaves markup out', () => {
    const html =
      '<html><body><!--StartFragment--><table border=0><tr><th>text</th><th>label</th></tr>' +
      '<tr><td><b>one</b> and&nbsp;<i>two</i></td><td>a &lt; b</td></tr><tr><td>x<br>y</td><td>&#233;&#xe9;</td></tr>';
    expect(htmlTable(html)).toBe('text\tlabel\none and two\ta < b\n"x\ny"\téé');
    expect(htmlTable('<p>no table</p>')).toBeNull();
  });
});
