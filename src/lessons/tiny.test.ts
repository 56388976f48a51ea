/**
 * A lesson that no product file knows goes the whole way: a table, a run, its report, an export, a project file,
 * another browser. What a lesson touches is what is registered here: one line for its shared face (in lessons/index.ts
 * it would be a name in the table), and its worker face, which is found by its folder as its page face is. All else is
 * in its own folder, here testing/tiny-lesson.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { must } from '../base/assert';
import { SeededRandom } from '../base/random';
import { SETTINGS, newClient, tiny } from '../testing/session';
import { count, reportSchema } from '../testing/tiny-lesson/shared';
import { worker } from '../testing/tiny-lesson/worker';
import type { WorkerClient } from '../worker/link/client';
import type { DataSource } from '../worker/link/protocol';
import { addLesson } from './index';
import { addLessonWorker } from './workers';

const undo: (() => void)[] = [];
beforeAll(() => void undo.push(addLesson(count), addLessonWorker(count.id, worker)));
afterAll(() => undo.forEach((take) => take()));

const random = new SeededRandom(4, 'stories');
const STORIES: DataSource = {
  kind: 'text',
  name: 'stories.jsonl',
  text: Array.from({ length: 60 }, () =>
    JSON.stringify({ story: Array.from({ length: 1 + random.below(6) }, () => 'good').join(' ') }),
  ).join('\n'),
};
const LONG = 'good '.repeat(6).trim();
const counted = async (client: WorkerClient, story: string): Promise<number> =>
  Number(await client.request('askRun', { what: 'count', params: story }));

it('learns, is tested, exported, carried to another browser and asked there', async () => {
  const client = newClient();
  await client.request('start', SETTINGS);
  const data = await client.request('openData', STORIES);
  expect([data.mapping, data.mappingInWords]).toEqual([
    { lesson: 'count', story: 'story', split: null },
    'We take `story` as the story.',
  ]);
  const { info: model } = await client.request('loadModel', tiny());
  const context = { method: 'full' as const, mapping: data.mapping, trainRows: data.splitRows.train, model };
  const { config } = count.withChanges(context, { epochs: 10 });
  const looks: unknown[] = [];
  const { run } = await client.request(
    'train',
    { config, runName: 'stories' },
    {
      onTrainEvent: (event) => {
        if (event.type === 'look') looks.push(event.seen);
      },
    },
  );
  expect([run.mapping.lesson, run.reason, looks.length > 1]).toEqual(['count', 'completed', true]);

  const report = reportSchema.parse(await client.request('evaluate', null));
  expect(report.rows).toBe(data.splitRows.test);
  expect(report.after).toBeLessThan(report.before / 2);
  expect(await counted(client, LONG)).toBeGreaterThan(await counted(client, 'good'));
  await expect(client.request('askRun', { what: 'predict', params: null })).rejects.toMatchObject({
    code: 'bad-config',
  });

  expect((await client.request('exportOffers', null)).map(({ id }) => id)).toEqual(['weights']);
  const exported = await client.request('exportRun', { id: 'weights' });
  expect([exported.fileName, exported.replay?.rows, exported.replay?.figure]).toEqual([
    'stories.safetensors',
    data.splitRows.test,
    'counts',
  ]);

  const { blob, fileName } = await client.request('exportProject', { id: run.id });
  const other = newClient();
  await other.request('start', SETTINGS);
  await other.request('loadModel', tiny());
  await other.request('importProject', { file: new File([blob], fileName) });
  const [carried] = await other.request('listRuns', null);
  expect(carried).toMatchObject({ name: 'stories', mapping: run.mapping, config, evaluation: report });
  const opened = await other.request('openRun', { id: must(carried, 'run').id });
  expect(opened.dataset?.splitRows).toEqual(data.splitRows);
  expect(await counted(other, LONG)).toBe(await counted(client, LONG));
});
