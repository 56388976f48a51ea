/** Exports of a run that writes: made, read back through the import path, and replayed before they are offered. */
import { blobSource } from '../../../base/bytes';
import { must } from '../../../base/assert';
import { TabtuneError, throwIfCancelled } from '../../../base/errors';
import { DECODERS } from '../../../domain/architectures';
import { exactMatch } from '../../../domain/language-metrics';
import type { SplitName } from '../../../domain/task';
import type { LanguageExample } from '../../../domain/conversation';
import { buildLanguageModel } from '../../../engine/build-language-model';
import type { LanguageBuildOptions } from '../../../engine/build-language-model';
import type { MarkedSequence, SequenceScore } from '../../../engine/language-model';
import { readGgufAdapter, writeGgufAdapter } from '../../../formats/gguf/adapter';
import { readGgufCheckpoint } from '../../../formats/gguf/checkpoint';
import type { WrittenType } from '../../../formats/gguf/quantize';
import { writeGgufModel } from '../../../formats/gguf/write-model';
import type { HfCheckpoint } from '../../../formats/hf-folder';
import { readHfFolder } from '../../../formats/hf-folder';
import { jsonBytes } from '../../../formats/json-file';
import { languageCard } from '../../../formats/language-card';
import type { LanguageResults } from '../../../formats/language-card';
import { writeLanguageFolder } from '../../../formats/language-folder';
import { readPeftAdapter, writePeftAdapter } from '../../../formats/peft';
import { languageRecipe, trainingFiles } from '../../../formats/train-script';
import type { LanguageRecipeParts } from '../../../formats/train-script';
import { readZip, writeZip } from '../../../formats/zip';
import { chatFormat, templateText } from '../../../text/chat-format';
import { ChatRenderer } from '../../../text/chat-renderer';
import { templateSource } from '../../../text/chat-template';
import { LanguageRows } from '../../../text/language-rows';
import { loadTokenizer } from '../../../text/tokenizer';
import { baseModelName, kindAmong } from '../../classify/worker/export-files';
import { scoreSequences } from './evaluate';
import type { LanguageRunInHand } from './run';
import { scoredSequences } from './run';
import type { ExportResult, LanguageExport } from '../../../worker/link/protocol';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { VERSIONS } from '../../../worker/run/versions';

type LanguageWeights = Exclude<LanguageExport, 'train-script' | 'answers'>;

const GGUF_TYPE: Partial<Record<LanguageExport, WrittenType>> = {
  'gguf-f16': 'F16',
  'gguf-q8_0': 'Q8_0',
  'gguf-q4_0': 'Q4_0',
};
const PACKED: readonly LanguageExport[] = ['gguf-f16', 'gguf-q8_0', 'gguf-q4_0'];
const FOR_METHOD: { full: readonly LanguageExport[]; lora: readonly LanguageExport[] } = {
  full: ['full', ...PACKED, 'train-script', 'answers'],
  lora: ['adapter', 'merged', ...PACKED, 'gguf-adapter', 'train-script', 'answers'],
};

/**
 * Largest difference of a row's mean log-probability a token at which a file still counts as the same model. What
 * packing costs depends on the model; a file that was written wrongly is off by several nats.
 */
const LARGEST_DIFFERENCE: Record<LanguageWeights, number> = {
  full: 1e-3,
  merged: 1e-3,
  adapter: 1e-3,
  'gguf-adapter': 1e-3,
  'gguf-f16': 0.02,
  'gguf-q8_0': 0.1,
  'gguf-q4_0': 1,
};

/**
 * Throws `bad-config` for a kind that the run cannot have, `bad-data` where rows are needed that are not open,
 * `verification` when the replay differs.
 */
export async function exportLanguageRun(
  session: Session,
  run: LanguageRunInHand,
  wish: string,
  name: string,
  context: Context,
): Promise<ExportResult> {
  const kind = kindAmong(FOR_METHOD, wish, run.summary.config.method);
  switch (kind) {
    case 'answers':
      return answersFile(run, name);
    case 'train-script':
      return trainScript(session, run, name, context);
    default:
      return exportWeights(session, run, kind, name, context);
  }
}

function answersFile({ summary }: LanguageRunInHand, name: string): ExportResult {
  const { evaluation } = summary;
  if (!evaluation || evaluation.answers.length === 0)
    throw new TabtuneError('bad-data', 'No answers to the test rows have been written yet.', {
      fix: 'Try the test rows under Evaluate first.',
    });
  const lines = evaluation.answers.map(
    (pair) => `${JSON.stringify({ ...pair, exact: exactMatch(pair.after, pair.expected) })}\n`,
  );
  const path = `${name}-answers.jsonl`;
  const blob = new Blob(lines, { type: 'application/jsonl' });
  return { fileName: path, blob, files: [{ path, bytes: blob.size }], replay: null };
}

async function trainScript(
  session: Session,
  run: LanguageRunInHand,
  name: string,
  context: Context,
): Promise<ExportResult> {
  const dataset = run.ownDataset(session);
  const rows: [SplitName, LanguageExample][] = [];
  for (const split of ['train', 'validation'] as const)
    for (const example of dataset.conversations(split)) rows.push([split, example]);
  throwIfCancelled(context.signal);
  return zipped(`${name}-train-script.zip`, trainingFiles(recipeOf(run), rows), null);
}

async function zipped(
  fileName: string,
  files: readonly { path: string; bytes: Uint8Array }[],
  replay: ExportResult['replay'],
): Promise<ExportResult> {
  return {
    fileName,
    blob: await writeZip(files),
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })),
    replay,
  };
}

/** The template that the files carry; none where plain text was taught and the model brings none. */
function ownTemplate({ model, summary }: LanguageRunInHand): string | null {
  return summary.mapping.layout === 'text' ? model.chat.template : templateText(model.chat, summary.config.template);
}

function recipeOf(run: LanguageRunInHand): LanguageRecipeParts {
  const { summary, renderer, model } = run;
  const { name, createdAt, config, mapping, split, splitRows, backend, device } = summary;
  return {
    name,
    createdAt,
    config,
    data: { name: summary.datasetName, sha256: summary.datasetSha256, mapping, split, splitRows },
    model: {
      name: summary.model.name,
      architecture: summary.model.architecture,
      parameters: summary.model.parameters,
      licence: summary.model.licence,
      baseModel: summary.modelSource.kind === 'files' ? null : baseModelName(summary),
    },
    chat: {
      template: must(templateText(model.chat, config.template), 'template'),
      eosId: renderer.format.eosId,
      stopIds: [...renderer.format.stopIds],
    },
    device: { backend, name: device },
    versions: VERSIONS,
  };
}

function resultsOf({ summary: { evaluation } }: LanguageRunInHand): LanguageResults | null {
  return (
    evaluation && {
      rows: evaluation.rows,
      answers: evaluation.answers.length,
      before: evaluation.before,
      after: evaluation.after,
    }
  );
}

async function exportWeights(
  session: Session,
  run: LanguageRunInHand,
  kind: LanguageWeights,
  name: string,
  context: Context,
): Promise<ExportResult> {
  context.progress({ label: 'Writing the files', done: 0, total: null, unit: 'files' });
  const files = await session.engineTurns.take(() => weightFiles(run, kind, name));
  throwIfCancelled(context.signal);
  const [first] = files;
  const single = files.length === 1 && first !== undefined;
  const blob = single ? new Blob([first.bytes as Uint8Array<ArrayBuffer>]) : await writeZip(files);
  const fileName = single ? first.path : `${name}-${kind}.zip`;
  context.progress({ label: 'Reading them back', done: 0, total: null, unit: 'files' });
  const replay = await verify(session, run, kind, blob, fileName, context);
  return { fileName, blob, files: files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })), replay };
}

/** The files of an export that carries weights. Call inside a turn of the engine. */
export async function weightFiles(
  run: LanguageRunInHand,
  kind: LanguageWeights,
  name: string,
): Promise<{ path: string; bytes: Uint8Array }[]> {
  const { summary, model } = run;
  const { config, tokenizerFiles } = model.checkpoint;
  const tuned = await run.tuned();
  const recipe = recipeOf(run);
  const recipeFile = { path: 'recipe.json', bytes: jsonBytes(languageRecipe(recipe)) };
  const type = GGUF_TYPE[kind];
  if (type)
    return [
      {
        path: `${name}.${type}.gguf`,
        bytes: writeGgufModel({
          config,
          tensors: await tuned.merged(),
          tokenizerFiles,
          chatTemplate: ownTemplate(run),
          type,
          name: summary.name,
          licence: summary.model.licence,
        }),
      },
    ];
  if (kind === 'gguf-adapter')
    return [
      {
        path: `${name}.lora.gguf`,
        bytes: writeGgufAdapter({
          config,
          tensors: await tuned.adapter(),
          alpha: summary.config.lora.alpha,
          name: summary.name,
        }),
      },
    ];
  if (kind === 'adapter') {
    const readme = languageCard(recipe, 'adapter', resultsOf(run));
    return [
      ...writePeftAdapter({
        config: summary.config.lora,
        tensors: await tuned.adapter(),
        taskType: 'CAUSAL_LM',
        fanInFanOut: DECODERS[summary.model.architecture].fanInFanOut,
        baseModelName: baseModelName(summary),
        readme,
      }),
      recipeFile,
    ];
  }
  const readme = languageCard(recipe, 'merged', resultsOf(run));
  const chat = { settings: {}, generationConfig: model.chat.generationConfig, jinja: null };
  return [
    ...writeLanguageFolder({
      config,
      tensors: await tuned.merged(),
      tokenizerFiles,
      chat,
      chatTemplate: ownTemplate(run),
      className: model.className,
      readme,
    }),
    recipeFile,
  ];
}

/**
 * How an export is built again from its bytes alone (an adapter: with the base model), and how it reads conversations.
 */
interface Reread {
  options: LanguageBuildOptions;
  renderer: ChatRenderer;
}

async function readBack(run: LanguageRunInHand, kind: LanguageWeights, blob: Blob, fileName: string): Promise<Reread> {
  const { summary, model } = run;
  const { config, tensors } = model.checkpoint;
  const source = blobSource(fileName, blob);
  if (kind === 'adapter') {
    const adapter = await readPeftAdapter(await readZip(source));
    const { r: rank, lora_alpha: alpha, lora_dropout: dropout, target_modules: targetModules } = adapter.config;
    return {
      options: {
        config,
        tensors,
        training: { ...summary.config, lora: { rank, alpha, dropout, targetModules, modulesToSave: [] } },
        adapter: adapter.tensors,
      },
      renderer: run.renderer,
    };
  }
  if (kind === 'gguf-adapter') {
    const adapter = await readGgufAdapter(source, config);
    return {
      options: {
        config,
        tensors,
        training: { ...summary.config, lora: { ...summary.config.lora, alpha: adapter.alpha } },
        adapter: adapter.tensors,
      },
      renderer: run.renderer,
    };
  }
  const whole: HfCheckpoint = GGUF_TYPE[kind]
    ? await readGgufCheckpoint(source)
    : await readHfFolder(await readZip(source));
  const { settings, generationConfig, jinja } = must(whole.chat, 'chat files');
  const chat = {
    tokenizer: loadTokenizer(whole.tokenizerFiles, whole.config),
    settings,
    config: whole.config,
    generationConfig,
    template: templateSource(jinja, settings),
  };
  const renderer = new ChatRenderer(chatFormat(chat, chat.template === null ? summary.config.template : 'own'));
  return {
    options: {
      config: whole.config,
      tensors: whole.tensors,
      training: { ...summary.config, method: 'full', base: 'f32' },
    },
    renderer,
  };
}

function sequencesOf(run: LanguageRunInHand, renderer: ChatRenderer): MarkedSequence[] {
  const taken = new LanguageRows(renderer, run.summary.config.maxLength);
  return scoredSequences(run.replay.flatMap((example) => taken.take(example)));
}

/** Builds a model from the file's bytes and compares what it finds of held-out rows with the run's. */
async function verify(
  session: Session,
  run: LanguageRunInHand,
  kind: LanguageWeights,
  blob: Blob,
  fileName: string,
  context: Context,
): Promise<NonNullable<ExportResult['replay']>> {
  const { options, renderer } = await readBack(run, kind, blob, fileName);
  const known = sequencesOf(run, run.renderer);
  const reread = sequencesOf(run, renderer);
  const refuse = (what: string): never => {
    throw new TabtuneError('verification', `The exported file does not give the same answers: ${what}`, {
      place: { file: fileName },
      fix: 'Nothing was offered for download. Please report this with the recipe of the run.',
    });
  };
  const ids = (sequences: readonly MarkedSequence[]): string =>
    sequences.map((sequence) => sequence.ids.join()).join('|');
  if (ids(known) !== ids(reread))
    refuse('its tokenizer or its chat template cuts the held-out rows into other tokens.');
  const expected = await scoreSequences(session, () => run.side('after'), known, context, 'Scoring held-out rows');
  // Two models at once may be more than the device holds.
  await session.engineTurns.take(async () => {
    run.release();
    return Promise.resolve();
  });
  const model = await session.engineTurns.take(async () => Promise.resolve(buildLanguageModel(options)));
  try {
    const found = await scoreSequences(
      session,
      () => Promise.resolve({ model, base: false }),
      reread,
      context,
      'Scoring them by the exported file',
    );
    const largestDifference = expected.reduce(
      (most, score, i) => Math.max(most, Math.abs(meanOf(score) - meanOf(must(found[i], 'score')))),
      0,
    );
    if (!(largestDifference <= LARGEST_DIFFERENCE[kind]))
      refuse(`a row’s mean log-probability differs by ${largestDifference}.`);
    return { rows: run.replay.length, largestDifference };
  } finally {
    await session.engineTurns.take(async () => model.dispose());
  }
}

const meanOf = ({ logProbability, tokens }: SequenceScore): number => logProbability / tokens;
