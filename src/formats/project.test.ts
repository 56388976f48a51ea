/** A project comes out of its file as it went in; what is damaged, foreign or newer is refused by name. */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../base/bytes';
import { writeCheckpoint } from './checkpoint';
import { jsonBytes, parseJsonObject } from './json-file';
import type { Layout, Project } from './project';
import { LAYOUT, readProject, writeProject } from './project';
import { finishedProject, languageProject, runReaders, unfinishedProject } from '../testing/project';
import { readZip, writeZip } from './zip';

const FILE = 'moods.tabtune.zip';
const packed = async (project: Project): Promise<Uint8Array> =>
  new Uint8Array(await (await writeProject(project)).arrayBuffer());
const read = (bytes: Uint8Array, layout?: Layout): Promise<Project> =>
  readProject(bytesSource(FILE, bytes), runReaders, layout);

/** The archive with its files changed. */
async function changed(bytes: Uint8Array, change: (files: Map<string, Uint8Array>) => void): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const file of await readZip(bytesSource(FILE, bytes))) files.set(file.path, await file.bytes());
  change(files);
  return new Uint8Array(
    await (await writeZip([...files].map(([path, content]) => ({ path, bytes: content })))).arrayBuffer(),
  );
}

/** The archive with its description changed. */
const described = (bytes: Uint8Array, change: (description: Record<string, never>) => void): Promise<Uint8Array> =>
  changed(bytes, (files) => {
    const description = parseJsonObject(must(files.get('project.json')), 'project.json') as Record<string, never>;
    change(description);
    files.set('project.json', jsonBytes(description));
  });

const refusal = (words: RegExp, code = 'bad-project') => ({
  code,
  message: expect.stringMatching(words) as string,
  place: { file: FILE },
  fix: expect.any(String) as string,
});

describe('a project', () => {
  it.each([
    ['a finished run', finishedProject()],
    ['a finished run whose data set is gone', { ...finishedProject(), data: null }],
    ['a run of a model that writes', languageProject()],
    ['an unfinished run', unfinishedProject()],
  ])('with %s comes back as it was, odd numbers included', async (_, project) => {
    expect(await read(await packed(project))).toEqual(project);
  });

  it('is refused when any one of its bytes is changed or missing, and never read as another', async () => {
    const bytes = await packed(finishedProject());
    const whole = JSON.stringify(await read(bytes));
    for (let at = 0; at < bytes.length; at += 13) {
      const spoilt = bytes.slice();
      spoilt[at] = must(spoilt[at]) ^ 0x55;
      const outcome = await read(spoilt).then(JSON.stringify, (thrown: unknown) => thrown);
      // What zip readers do not look at (dates, versions) may change.
      if (outcome !== whole)
        expect(outcome, `byte ${at}`).toMatchObject({ code: 'bad-project', place: { file: FILE } });
    }
    for (const length of [0, 1, 21, 22, bytes.length >> 1, bytes.length - 1])
      await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({ code: 'bad-project' });
  });

  it.each([
    [
      'a file too many',
      (files: Map<string, Uint8Array>) => files.set('evil.js', new Uint8Array(3)),
      /"evil.js" does not belong/,
    ],
    [
      'weights that are missing',
      (files: Map<string, Uint8Array>) => files.delete('weights.safetensors'),
      /"weights.safetensors" is missing/,
    ],
    [
      'weights of another length',
      (files: Map<string, Uint8Array>) => files.set('weights.safetensors', new Uint8Array(9)),
      /has 9 bytes instead of/,
    ],
    [
      'other rows',
      (files: Map<string, Uint8Array>) =>
        files.set(
          'data/rows.bin',
          must(files.get('data/rows.bin')).map((byte) => byte ^ 1),
        ),
      /not the file that was exported/,
    ],
    ['no description', (files: Map<string, Uint8Array>) => files.delete('project.json'), /no project of Tabtune/],
    [
      'a description that is no JSON',
      (files: Map<string, Uint8Array>) => files.set('project.json', new TextEncoder().encode('{"a": 1,}')),
      /no valid JSON.*character/,
    ],
    [
      'a description with a key twice',
      (files: Map<string, Uint8Array>) =>
        files.set('project.json', new TextEncoder().encode('{"format": 1, "format": 2}')),
      /occurs twice/,
    ],
    [
      'a description of something else',
      (files: Map<string, Uint8Array>) => files.set('project.json', jsonBytes({ version: 1 })),
      /describes no project/,
    ],
  ])('with %s is refused', async (_, change, words) => {
    await expect(read(await changed(await packed(finishedProject()), change))).rejects.toMatchObject(refusal(words));
  });

  it.each([
    [
      'a field of another type',
      ({ run }: never) => ((run as { summary: { labels: unknown } }).summary.labels = 7),
      /at "run\.summary\.labels"/,
    ],
    [
      'a method that does not exist',
      ({ run }: never) => ((run as { summary: { config: { method: string } } }).summary.config.method = 'magic'),
      /config/,
    ],
    [
      'settings that cannot be',
      ({ run }: never) => ((run as { summary: { config: { epochs: number } } }).summary.config.epochs = -4),
      /its settings cannot be: epochs/,
    ],
    [
      'rows of another kind',
      ({ run }: never) => ((run as { replay: unknown }).replay = [{ kind: 'text', row: 1, text: 'x' }]),
      /rows are of another kind/,
    ],
    [
      'a run of another data set',
      ({ run }: never) => ((run as { summary: { datasetId: string } }).summary.datasetId = 'x'),
      /not the one that its run learned from/,
    ],
    [
      'a model that cannot learn it',
      ({ run }: never) => ((run as { summary: { model: { head: unknown } } }).summary.model.head = null),
      /at "run\.summary\.model": tiny cannot learn “Labels”/,
    ],
    ['no version', (all: never) => delete (all as { version?: number }).version, /version is missing/],
  ])('with %s is refused', async (_, change, words) => {
    await expect(read(await described(await packed(finishedProject()), change as never))).rejects.toMatchObject(
      refusal(words),
    );
  });

  it('with something else than a checkpoint is refused', async () => {
    const project = unfinishedProject();
    const cut = writeCheckpoint({
      progress: {} as never,
      steps: [],
      validations: [],
      kernels: {},
      parameters: [],
      moments: [],
    });
    await expect(
      read(await packed({ ...project, run: { ...project.run, state: cut } as never })),
    ).rejects.toMatchObject(refusal(/no checkpoint that can be read/));
  });

  it('of version 1 is read, whose run knew of no lesson', async () => {
    const project = finishedProject();
    const old = await described(await packed(project), (all) => {
      const { summary } = all['run'] as unknown as { summary: Record<string, unknown> };
      const mapping: Record<string, unknown> = { ...(summary['mapping'] as object), lesson: undefined };
      const model = summary['model'] as { head: { modules: string[]; labels: string[] | null } };
      Object.assign(summary, {
        version: undefined,
        task: mapping['task'],
        mapping,
        model: {
          ...model,
          head: undefined,
          writing: undefined,
          headModules: model.head.modules,
          checkpointLabels: model.head.labels,
        },
      });
      Object.assign(all, { version: 1 });
    });
    expect(await read(old)).toEqual(project);
  });

  it('of a newer version asks for a newer app; one of an older version is brought up to date step by step', async () => {
    const project = finishedProject();
    const bytes = await packed(project);
    const as = (version: number) => described(bytes, (all) => Object.assign(all, { version }));
    await expect(read(await as(LAYOUT.version + 1))).rejects.toMatchObject(refusal(/newer version/, 'unsupported'));
    for (const part of [{ version: 3 }, { mapping: { lesson: 'draw', split: null } }])
      await expect(
        read(
          await described(bytes, ({ run }: { run?: { summary: object } }) => Object.assign(run?.summary ?? {}, part)),
        ),
      ).rejects.toMatchObject(refusal(/newer version/, 'unsupported'));
    await expect(read(await as(0))).rejects.toMatchObject(refusal(/version is missing/));
    const old = await described(bytes, (all) => Object.assign(all, { version: 1, run: undefined, theRun: all['run'] }));
    const rename = ({ theRun, ...rest }: Record<string, unknown>) => ({ ...rest, run: theRun });
    expect(await read(old, { version: 3, migrations: { 1: rename, 2: (all) => all } })).toEqual(project);
    await expect(read(old, { version: 3, migrations: { 2: rename } })).rejects.toMatchObject(
      refusal(/version 1 cannot be read any more/),
    );
  });
});
