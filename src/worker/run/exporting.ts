/**
 * The request `exportRun`: files from the current run, read back through the import path and replayed before they are
 * offered.
 */
import { blobSource } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { buildModel } from '../../engine/build-model';
import type { BuildOptions, FineTuneModel } from '../../engine/types';
import { predictionsJsonl } from '../../formats/predictions';
import { recipeJson } from '../../formats/recipe';
import { readZip, writeZip } from '../../formats/zip';
import type { LabelRunInHand } from '../../lessons/classify/worker/run';
import { predictRows } from '../../lessons/classify/worker/run';
import { encodeExample } from '../../lessons/classify/worker/items';
import { testLogits } from './evaluation';
import type { OutFile, WeightsKind } from '../../lessons/classify/worker/export-files';
import { VERSIONS } from './versions';
import { WEIGHTS_FOR_METHOD, exportFiles, kindAmong, readExport } from '../../lessons/classify/worker/export-files';
import { exportLanguageRun } from '../../lessons/answer/worker/exporting';
import type { ExportKind, ExportResult } from '../link/protocol';
import type { Context } from '../link/server';
import type { Session } from '../session';
import { labelInWords, predictionInWords } from '../../lessons/classify/worker/words';

/**
 * Largest logit difference at which an export still counts as the same model; for logits above 1 as a share of them.
 */
const LARGEST_DIFFERENCE = 1e-3;

/** Builds an export. Throws `bad-config` for a kind the run cannot have, `verification` when the replay differs. */
export async function exportRun(
  session: Session,
  { kind }: { kind: ExportKind },
  context: Context,
): Promise<ExportResult> {
  const run = session.requireRun();
  const name = fileName(run.summary.name);
  if (run.kind === 'language') return exportLanguageRun(session, run, kind, name, context);
  switch (kind) {
    case 'predictions':
      return oneFile(`${name}-predictions.jsonl`, await predictions(session, run, context));
    case 'recipe':
      return oneFile(`${name}-recipe.json`, recipeText(run));
    default:
      return exportWeights(session, run, kind, `${name}-${kind}.zip`, context);
  }
}

/** A name that every file system takes. */
export const fileName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80) || 'run';

const recipeText = (run: LabelRunInHand): string => recipeJson(run.summary, VERSIONS);

function oneFile(path: string, text: string): ExportResult {
  const blob = new Blob([text], { type: path.endsWith('.json') ? 'application/json' : 'application/jsonl' });
  return { fileName: path, blob, files: [{ path, bytes: blob.size }], replay: null };
}

async function predictions(session: Session, run: LabelRunInHand, context: Context): Promise<string> {
  const { data, logits } = await testLogits(session, run, context);
  const { task, labels } = run.summary;
  return predictionsJsonl(
    data.testRows.map((example, i) => {
      const row = logits[i] ?? new Float32Array();
      return {
        row: example.row,
        text: example.text,
        ...(example.textPair === undefined ? {} : { textPair: example.textPair }),
        expected: labelInWords(task, labels, example.label),
        predicted: predictionInWords(task, labels, row).predicted,
        logits: row,
      };
    }),
  );
}

async function exportWeights(
  session: Session,
  run: LabelRunInHand,
  wish: ExportKind,
  zipName: string,
  context: Context,
): Promise<ExportResult> {
  const { summary, model } = run;
  const kind = kindAmong(WEIGHTS_FOR_METHOD, wish, summary.config.method);
  context.progress({ label: 'Writing the files', done: 0, total: null, unit: 'files' });
  const files: OutFile[] = await session.engineTurns.take(async () =>
    exportFiles(kind, summary, model, await run.tuned()),
  );
  files.push({ path: 'recipe.json', bytes: new TextEncoder().encode(recipeText(run)) });
  throwIfCancelled(context.signal);
  const blob = await writeZip(files);
  context.progress({ label: 'Reading them back', done: 0, total: null, unit: 'files' });
  const replay = await verifyExport(session, run, kind, blob, zipName, context);
  return {
    fileName: zipName,
    blob,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })),
    replay,
  };
}

/**
 * Builds a model from the zip's bytes alone (an adapter: with the base model) and compares its logits with the run's.
 */
async function verifyExport(
  session: Session,
  run: LabelRunInHand,
  kind: WeightsKind,
  blob: Blob,
  zipName: string,
  context: Context,
): Promise<NonNullable<ExportResult['replay']>> {
  const { options, tokenizer } = await readExport(
    kind,
    await readZip(blobSource(zipName, blob)),
    run.summary,
    run.model,
  );
  const { maxLength } = run.summary.config;
  const expected = await predictRows(
    session,
    () => run.tuned(),
    run.replay.map((example) => encodeExample(run.model.tokenizer, example, maxLength)),
    context,
    'Predicting held-out rows',
  );
  const reread = run.replay.map((example) => encodeExample(tokenizer, example, maxLength));
  const found = await withModel(session, options, (model) =>
    predictRows(session, async () => model, reread, context, 'Replaying them on the exported files'),
  );
  const largestDifference = Math.max(0, ...expected.map((row, i) => difference(row, found[i])));
  const largestLogit = Math.max(
    1,
    ...expected.map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
  );
  if (!(largestDifference <= LARGEST_DIFFERENCE * largestLogit))
    throw new TabtuneError(
      'verification',
      `The exported files do not give the same answers: the largest logit difference is ${largestDifference}.`,
      {
        place: { file: zipName },
        fix: 'Nothing was offered for download. Please report this with the recipe of the run.',
      },
    );
  return { rows: run.replay.length, largestDifference };
}

async function withModel<T>(
  session: Session,
  options: BuildOptions,
  work: (model: FineTuneModel) => Promise<T>,
): Promise<T> {
  const model = await session.engineTurns.take(() => buildModel(options));
  try {
    return await work(model);
  } finally {
    await session.engineTurns.take(async () => model.dispose());
  }
}

/** Largest absolute difference; infinite when lengths differ or a value is not a number. */
function difference(a: Float32Array, b: Float32Array | undefined): number {
  if (a.length !== b?.length) return Infinity;
  return a.reduce((largest, value, i) => {
    const gap = Math.abs(value - (b[i] ?? NaN));
    return Number.isNaN(gap) ? Infinity : Math.max(largest, gap);
  }, 0);
}
