/**
 * The requests `exportOffers` and `exportRun`: files from the current run, read back through the import path and
 * replayed before they are offered.
 */
import { must } from '../../base/assert';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { writeZip } from '../../formats/zip';
import type { ExportOffer, ExportResult } from '../link/protocol';
import type { Figures, OfferedExport, OneFile, OutFile } from './export';
import type { RunCall, RunInHand, RunSession } from './run';

/** What the run in hand can be taken away as. */
export const exportOffers = (session: RunSession): ExportOffer[] =>
  session.requireRun().exports.map(({ offer }) => offer);

/** Builds an export. Throws `bad-config` for a kind the run cannot have, `verification` when the replay differs. */
export async function exportRun(call: RunCall, { id }: { id: string }): Promise<ExportResult> {
  const { session, context } = call;
  const run = session.requireRun();
  const { write, proof } = exportOf(run, id);
  if (proof) context.progress({ label: 'Writing the files', done: 0, total: null, unit: 'files' });
  const name = fileName(run.summary.name);
  const files = await write(name, call);
  throwIfCancelled(context.signal);
  const file = await packed(files, `${name}-${id}.zip`);
  if (proof) context.progress({ label: 'Reading them back', done: 0, total: null, unit: 'files' });
  return {
    fileName: file.name,
    blob: file.blob,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })),
    replay: proof && (await verify(call, run, proof, file)),
  };
}

function exportOf({ exports, summary }: RunInHand, id: string): OfferedExport {
  const found = exports.find(({ offer }) => offer.id === id);
  if (found) return found;
  const message = `A run of the method “${summary.config.method}” has no export of the kind “${id}”.`;
  throw new TabtuneError('bad-config', message, {
    fix: `Choose ${exports.map(({ offer }) => offer.id).join(' or ')}.`,
  });
}

/** A name that every file system takes. */
export const fileName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80) || 'run';

const TYPES: Readonly<Record<string, string>> = { json: 'application/json', jsonl: 'application/jsonl' };

/** One file as it is, several as a zip. */
async function packed(files: readonly OutFile[], zipName: string): Promise<OneFile> {
  if (files.length !== 1) return { name: zipName, blob: await writeZip(files) };
  const { path, bytes } = must(files[0], 'file');
  const type = TYPES[path.split('.').at(-1) ?? ''] ?? '';
  return { name: path, blob: new Blob([bytes as Uint8Array<ArrayBuffer>], { type }) };
}

/**
 * Builds a model from the file's bytes and compares its figures of the held-out rows with the run's. The run's models
 * leave the device before: two at once may be more than it holds.
 */
async function verify(
  call: RunCall,
  run: RunInHand,
  { reread, tolerance }: NonNullable<OfferedExport['proof']>,
  file: OneFile,
): Promise<NonNullable<ExportResult['replay']>> {
  const { engineTurns } = call.session;
  const { figure, expected: known, refusal, misreading } = run.replaying;
  const refuse = (message: string): never => {
    throw new TabtuneError('verification', message, {
      place: { file: file.name },
      fix: 'Nothing was offered for download. Please report this with the recipe of the run.',
    });
  };
  const { misread, build } = await reread(file);
  if (misread !== null) refuse(misreading(misread));
  const expected = await known(call);
  await engineTurns.take(async () => run.release());
  const model = await engineTurns.take(build);
  try {
    const largestDifference = difference(expected, await model.figures(call));
    if (!(largestDifference <= tolerance(expected))) refuse(refusal(largestDifference));
    return { rows: run.replay.length, largestDifference, figure };
  } finally {
    await engineTurns.take(async () => model.dispose());
  }
}

/** Largest absolute difference of two figures; infinite when there are not as many or one is not a number. */
function difference(a: Figures, b: Figures): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (const [i, row] of a.entries()) {
    const other = b[i] ?? [];
    if (row.length !== other.length) return Infinity;
    for (let n = 0; n < row.length; n++) {
      const gap = Math.abs((row[n] ?? NaN) - (other[n] ?? NaN));
      largest = Math.max(largest, Number.isNaN(gap) ? Infinity : gap);
    }
  }
  return largest;
}
