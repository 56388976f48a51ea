/**
 * A project as one zip file: project.json says what it is, and names every other file with its size and SHA-256: the
 * rows of the data set as they are stored, and the weights of a finished run or the checkpoint of one that can go on.
 * The base model is named, not packed.
 */
import { z } from 'zod';
import { sha256Hex } from '../base/bytes';
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { packNumbers } from '../base/json-numbers';
import type { Read, RunReaders, RunStart, RunSummary } from '../domain/run';
import { readCheckpoint } from './checkpoint';
import type { FolderFile } from './folder';
import { decodeText } from './json-file';
import { readSafetensors } from './safetensors';
import { parseStrictJson, plainJson, StrictJsonError } from './strict-json';
import { readZip, writeZip } from './zip';

type Bytes = Uint8Array<ArrayBuffer>;

export interface ProjectData {
  id: string;
  name: string;
  createdAt: string;
  /** Of the source, as in the data set's own record; its state is checked by whoever opens it. */
  sha256: string;
  state: unknown;
  /** The two stored files of a data set. */
  rows: Bytes;
  index: Bytes;
}

export type ProjectRun =
  | { kind: 'finished'; summary: RunSummary; replay: unknown[]; weights: Bytes }
  /** `best` are the best weights so far, where they are kept. */
  | { kind: 'unfinished'; start: RunStart; totalSteps: number; state: Bytes; best: Bytes | null };

export interface Project {
  /** Null when the data set has been deleted. */
  data: ProjectData | null;
  run: ProjectRun;
}

const FORMAT = 'tabtune-project';
const DESCRIPTION = 'project.json';
const MOST_FILES = 16;
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_DESCRIPTION_BYTES = 256 * 1024 ** 2;

/** Files by what they are. */
const PATHS = {
  rows: 'data/rows.bin',
  index: 'data/index.bin',
  weights: 'weights.safetensors',
  state: 'checkpoint.safetensors',
  best: 'best.safetensors',
} as const;

/** The newest version, and how a description of each earlier one becomes one of the next. */
export interface Layout {
  version: number;
  migrations: Readonly<Record<number, (description: Record<string, unknown>) => Record<string, unknown>>>;
}

/**
 * Raise the version when the layout changes in a way that older files cannot be read as. In version 2 the records of a
 * run and its data set say their own version; those of version 1 did not, and are brought up to date by their readers.
 */
export const LAYOUT: Layout = { version: 2, migrations: { 1: (description) => description } };

const size = z.int().nonnegative();
const description = z.object({
  files: z.array(z.object({ path: z.string(), bytes: size, sha256: z.string() })),
  data: z.nullable(
    z.object({ id: z.string(), name: z.string(), createdAt: z.string(), sha256: z.string(), state: z.unknown() }),
  ),
  run: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('finished'), summary: z.unknown(), replay: z.unknown() }),
    z.object({ kind: z.literal('unfinished'), start: z.unknown(), totalSteps: size }),
  ]),
});

type Description = z.infer<typeof description>;

const newerVersion = (archive: string): TabtuneError =>
  new TabtuneError('unsupported', `${archive} was written by a newer version of Tabtune.`, {
    place: { file: archive },
    fix: 'Reload the page to get the newest version, and import it again.',
  });

function bad(archive: string, what: string, cause?: unknown): never {
  throw new TabtuneError('bad-project', `${archive}: ${what}`, {
    place: { file: archive },
    fix: 'Export the project again, and bring the file over whole.',
    cause,
  });
}

/** The project as a zip file. Throws `unsupported` when it would be larger than 4 GiB. */
export async function writeProject({ data, run }: Project): Promise<Blob> {
  const kept =
    run.kind === 'finished' ? { weights: run.weights } : { state: run.state, ...(run.best ? { best: run.best } : {}) };
  const contents: Partial<Record<keyof typeof PATHS, Bytes>> = {
    ...(data ? { rows: data.rows, index: data.index } : {}),
    ...kept,
  };
  const files = Object.entries(contents).map(([what, bytes]) => ({ path: PATHS[what as keyof typeof PATHS], bytes }));
  const listed = await Promise.all(
    files.map(async ({ path, bytes }) => ({ path, bytes: bytes.length, sha256: await sha256Hex(bytes) })),
  );
  const text = JSON.stringify(
    { format: FORMAT, version: LAYOUT.version, files: listed, data: data && described(data), run: begun(run) },
    packNumbers,
  );
  return writeZip([{ path: DESCRIPTION, bytes: new TextEncoder().encode(text) }, ...files]);
}

const described = ({ id, name, createdAt, sha256, state }: ProjectData) => ({ id, name, createdAt, sha256, state });
const begun = (run: ProjectRun) =>
  run.kind === 'finished'
    ? { kind: run.kind, summary: run.summary, replay: run.replay }
    : { kind: run.kind, start: run.start, totalSteps: run.totalSteps };

/**
 * Reads a project and checks everything in it that can be checked without the base model and without reading the rows.
 * Throws `bad-project` naming the file and what is wrong with it, or `unsupported` for one of a newer version.
 */
export async function readProject(source: ByteSource, readers: RunReaders, layout: Layout = LAYOUT): Promise<Project> {
  const zip = await refusing(source.name, () => readZip(source, { files: MOST_FILES, bytes: MOST_BYTES }));
  const byPath = new Map(zip.map((file) => [file.path, file]));
  const described = await readDescription(source.name, byPath.get(DESCRIPTION), layout);
  const { files, data } = described;
  const run = readRun(source.name, described.run, readers);
  const named = new Set([DESCRIPTION, ...files.map(({ path }) => path)]);
  for (const path of byPath.keys()) if (!named.has(path)) bad(source.name, `"${path}" does not belong into a project.`);
  const contents = new Map<string, Bytes>();
  for (const file of files) contents.set(file.path, await contentOf(source.name, byPath.get(file.path), file));
  const take = (path: string): Bytes => {
    const bytes = contents.get(path) ?? bad(source.name, `"${path}" is missing.`);
    contents.delete(path);
    return bytes;
  };
  const project: Project = {
    data: data && { ...data, rows: take(PATHS.rows), index: take(PATHS.index) },
    run:
      run.kind === 'finished'
        ? { ...run, weights: take(PATHS.weights) }
        : { ...run, state: take(PATHS.state), best: contents.has(PATHS.best) ? take(PATHS.best) : null },
  };
  for (const path of contents.keys()) bad(source.name, `"${path}" does not belong to what it holds.`);
  check(source.name, project, readers);
  return project;
}

/** What the description says of the run. */
type Begun =
  | { kind: 'finished'; summary: RunSummary; replay: unknown[] }
  | { kind: 'unfinished'; start: RunStart; totalSteps: number };

function readRun(archive: string, run: Description['run'], readers: RunReaders): Begun {
  const sound = <T>(place: string, read: Read<T>): T => {
    if (read.ok) return read.value;
    if (read.newer) throw newerVersion(archive);
    const at = read.at === '' ? place : `${place}.${read.at}`;
    return bad(archive, `${DESCRIPTION} is not as it should be at "${at}": ${read.message}.`);
  };
  if (run.kind === 'unfinished')
    return { kind: run.kind, start: sound('run.start', readers.start(run.start)), totalSteps: run.totalSteps };
  const summary = sound('run.summary', readers.summary(run.summary));
  const replay = readers.replay(run.replay, summary);
  if (!replay.ok) bad(archive, `its rows are of another kind than its run (at "run.replay.${replay.at}").`);
  return { kind: run.kind, summary, replay: replay.value };
}

/**
 * What the zip reader and the readers of single files refuse is a bad project; they name the archive or the file in it.
 */
async function refusing<T>(archive: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code !== 'bad-model') throw thrown;
    return bad(archive, thrown.message.replace(`${archive}: `, ''), thrown);
  }
}

async function readDescription(archive: string, file: FolderFile | undefined, layout: Layout): Promise<Description> {
  if (!file) return bad(archive, `this is no project of Tabtune: ${DESCRIPTION} is missing.`);
  if (file.size > MOST_DESCRIPTION_BYTES) return bad(archive, `${DESCRIPTION} is too large.`);
  const text = await refusing(archive, async () => decodeText(await file.bytes(), DESCRIPTION));
  const raw = migrated(archive, parse(archive, text), layout);
  const read = description.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return bad(
    archive,
    `${DESCRIPTION} is not as it should be at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown'}.`,
    read.error,
  );
}

function parse(archive: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = plainJson(parseStrictJson(text));
  } catch (thrown) {
    if (!(thrown instanceof StrictJsonError)) throw thrown;
    return bad(archive, `${DESCRIPTION} is no valid JSON: ${thrown.message} (character ${thrown.offset}).`, thrown);
  }
  if (typeof value !== 'object' || value === null || (value as Record<string, unknown>)['format'] !== FORMAT)
    return bad(archive, `${DESCRIPTION} describes no project of Tabtune.`);
  return value as Record<string, unknown>;
}

function migrated(
  archive: string,
  project: Record<string, unknown>,
  { version: newest, migrations }: Layout,
): Record<string, unknown> {
  const { version } = project;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    return bad(archive, 'its version is missing.');
  if (version > newest) throw newerVersion(archive);
  let now = project;
  for (let from = version; from < newest; from++)
    now = migrations[from]?.(now) ?? bad(archive, `projects of version ${from} cannot be read any more.`);
  return now;
}

async function contentOf(
  archive: string,
  file: FolderFile | undefined,
  listed: { path: string; bytes: number; sha256: string },
): Promise<Bytes> {
  if (!file) return bad(archive, `"${listed.path}" is missing.`);
  if (file.size !== listed.bytes)
    return bad(archive, `"${listed.path}" has ${file.size} bytes instead of ${listed.bytes}.`);
  const bytes = await refusing(archive, async () => (await file.bytes()) as Bytes);
  return (await sha256Hex(bytes)) === listed.sha256
    ? bytes
    : bad(archive, `"${listed.path}" is not the file that was exported.`);
}

/** What the parts say of each other. */
function check(archive: string, { data, run }: Project, readers: RunReaders): void {
  const start = run.kind === 'finished' ? run.summary : run.start;
  if (data && (data.id !== start.datasetId || data.sha256 !== start.datasetSha256))
    bad(archive, 'its data set is not the one that its run learned from.');
  const problem = readers.problem(start);
  if (problem !== null) bad(archive, `its settings cannot be: ${problem}`);
  try {
    if (run.kind === 'finished') readSafetensors(run.weights, PATHS.weights);
    else readCheckpoint(run.state, PATHS.state);
    if (run.kind === 'unfinished' && run.best) readSafetensors(run.best, PATHS.best);
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || (thrown.code !== 'bad-model' && thrown.code !== 'unsupported'))
      throw thrown;
    bad(archive, thrown.message, thrown);
  }
}
