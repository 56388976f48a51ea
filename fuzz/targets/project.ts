/**
 * Project files: damaged as archives, or whole archives whose description is spoilt; what is taken is written and read
 * again as the same.
 */
import fc from 'fast-check';
import { bytesSource } from '../../src/base/bytes';
import { readProject, writeProject } from '../../src/formats/project';
import { lessonOf } from '../../src/lessons';
import { finishedProject, languageProject, runReaders, unfinishedProject } from '../../src/testing/project';
import { readZip, writeZip } from '../../src/formats/zip';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, spoiltJson, utf8 } from '../hostile';

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());
const sound = await Promise.all(
  [finishedProject(), { ...finishedProject(), data: null }, languageProject(), unfinishedProject()].map(
    async (project) => bytesOf(await writeProject(project)),
  ),
);
const unpacked = async (bytes: Uint8Array) =>
  Promise.all(
    (await readZip(bytesSource('sound.zip', bytes))).map(async (file) => ({
      path: file.path,
      bytes: await file.bytes(),
    })),
  );
const parts = await Promise.all(sound.map(unpacked));

/** The archive with another description, its checksums right. */
const describedAnew = fc.constantFrom(...parts).chain((files) => {
  const description: unknown = JSON.parse(new TextDecoder().decode(files[0]?.bytes));
  return spoiltJson(fc.constant(description)).map((text) => ({ files, text }));
});

const archive = fc.oneof(
  { weight: 2, arbitrary: spoiltBytes(fc.constantFrom(...sound)).map((bytes) => ({ bytes })) },
  { weight: 3, arbitrary: describedAnew },
);

export const projects = fuzzTarget('Project files', archive, async (given) => {
  const bytes =
    'bytes' in given
      ? given.bytes
      : await bytesOf(
          await writeZip(given.files.map((file, i) => (i === 0 ? { path: file.path, bytes: utf8(given.text) } : file))),
        );
  const read = await outcomeOf(() => readProject(bytesSource('a.zip', bytes), runReaders));
  if (!read.ok) {
    holds(
      read.error.place?.file === 'a.zip' && read.error.fix !== undefined,
      'the refusal does not name the file, or no way on',
    );
    return false;
  }
  const { run } = read.value;
  const start = run.kind === 'finished' ? run.summary : run.start;
  const lesson = lessonOf(start.mapping);
  holds(
    lesson.schemas.mapping.safeParse(start.mapping).success && lesson.problemsOf(start.config).length === 0,
    'a run makes no sense',
  );
  const again = await readProject(bytesSource('again.zip', await bytesOf(await writeProject(read.value))), runReaders);
  agree(again, read.value, 'it reads otherwise once it is written again');
  return true;
});
