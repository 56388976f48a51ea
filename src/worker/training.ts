/** The request `train`: rows to tokens, tokens to a trained model, and the finished run to storage. */
import { TabtuneError, throwIfCancelled, toPlainError } from '../base/errors';
import { labelMapping } from '../domain/dataset';
import type { DatasetInfo } from '../domain/dataset';
import type { RunSummary, StepRecord, StopReason, TrainEvent, ValidationRecord } from '../domain/run';
import type { Example } from '../domain/task';
import { checkConfig } from '../domain/training-config';
import type { TrainingConfig } from '../domain/training-config';
import { buildModel } from '../engine/build-model';
import { train as trainSteps } from '../engine/train';
import type { FineTuneModel } from '../engine/types';
import { writeSafetensors } from '../formats/safetensors';
import { CurrentRun, buildOptions } from './current-run';
import type { RunData } from './encode-rows';
import { encodeExample, encodeRows, heldOutOf } from './encode-rows';
import type { TrainRequest, TrainResult } from './protocol';
import { RunControl } from './run-control';
import type { Context } from './server';
import { breathe } from './server';
import type { LoadedModel, Session } from './session';
import { pickWatched, watchedPredictions } from './watched';

/** Watched rows are predicted after validations and after this many steps, as long as it takes no more than a tenth of the time. */
const WATCH_EVERY_STEPS = 20;
const WATCH_EVERY_MS = 1000;
const WATCH_SHARE = 0.1;

/** What is fixed when a run starts. */
interface Setup {
  request: TrainRequest;
  model: LoadedModel;
  info: DatasetInfo;
  labels: string[];
  startedAt: number;
}

interface Learned {
  reason: StopReason;
  bestStep: number | null;
  steps: StepRecord[];
  validations: ValidationRecord[];
}

/**
 * Trains and keeps the run. Throws `bad-config` or `bad-data` before anything starts, `cancelled`, `numbers` when the loss
 * stops being a number, and the engine's own errors; after a failure nothing of the run is left, and the run before it stays.
 */
export async function train(session: Session, request: TrainRequest, context: Context): Promise<TrainResult> {
  session.refuseWhileTraining('Another run cannot start');
  const setup = checkedSetup(session, request);
  const control = new RunControl(context.signal);
  session.control = control;
  try {
    const data = await tokenize(session, setup, context);
    const model = await session.engineTurns.take(() => {
      session.run?.release();
      return buildModel(buildOptions(setup.model, { task: labelMapping(setup.info.mapping).task, labels: setup.labels, config: request.config }));
    });
    try {
      const learned = await learn(session, setup, model, data, control, context);
      const { run, unsaved } = await keep(session, setup, model, data, learned, context);
      const previous = session.run;
      session.run = run;
      await session.engineTurns.take(async () => previous?.retire());
      return { run: run.summary, reason: learned.reason, unsaved };
    } catch (thrown) {
      await session.engineTurns.take(async () => model.dispose());
      throw thrown;
    }
  } finally {
    session.control = null;
  }
}

function checkedSetup(session: Session, request: TrainRequest): Setup {
  const { info } = session.requireDataset();
  const model = session.requireModel();
  session.requireDevice();
  const problems = checkConfig(request.config);
  if (request.config.maxLength > model.info.maxPositions)
    problems.push(`maxLength must be at most ${model.info.maxPositions}, the longest input this model knows.`);
  problems.push(...adapterProblems(model, request.config));
  if (problems.length > 0) throw new TabtuneError('bad-config', problems.join(' '), { fix: 'Correct the settings under Advanced.' });
  if (info.health.blocker) throw new TabtuneError('bad-data', info.health.blocker, { fix: 'See the Data step.' });
  if (info.splitRows.train === 0) throw new TabtuneError('bad-data', 'There are no training rows.', { fix: 'Change the split on the Data step.' });
  return { request, model, info, labels: info.labels.map((label) => label.name), startedAt: performance.now() };
}

/** A model that was dropped with a LoRA adapter can only be gone on with as that adapter was made. */
function adapterProblems({ checkpoint: { adapter } }: LoadedModel, { method, lora }: TrainingConfig): string[] {
  if (!adapter) return [];
  if (method !== 'lora') return ['This model came with a LoRA adapter, which only the Balanced method can go on with. Drop the base model alone to train otherwise.'];
  const { r, target_modules: targets, modules_to_save: saved } = adapter.config;
  const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name) => b.includes(name));
  if (lora.rank === r && same(lora.targetModules, targets) && same(lora.modulesToSave, saved)) return [];
  return [`This model came with a LoRA adapter of rank ${r} on ${targets.join(', ')}, saving ${saved.join(', ') || 'no module'}: set the same under Advanced, or drop the base model alone.`];
}

function tokenize(session: Session, { request, model, info }: Setup, context: Context): Promise<RunData> {
  return session.dataTurns.take(() => {
    const dataset = session.requireDataset();
    if (dataset.info !== info && JSON.stringify(dataset.info) !== JSON.stringify(info))
      throw new TabtuneError('bad-data', 'The data set changed while the run was starting.', { fix: 'Start again.' });
    return encodeRows(dataset, model.tokenizer, request.config.maxLength, context.signal, (done, total) =>
      context.trainEvent({ type: 'phase', phase: 'tokenizing', done, total }),
    );
  });
}

/** Iterates the loop, a turn of the engine a step, and passes on what happens. */
async function learn(session: Session, setup: Setup, model: FineTuneModel, data: RunData, control: RunControl, context: Context): Promise<Learned> {
  const learned: Learned = { reason: 'completed', bestStep: null, steps: [], validations: [] };
  const watch = watcher(session, setup, model, data, context);
  await watch(0, 'now');
  const events = trainSteps(model, { train: data.train, validation: data.validation }, setup.request.config, control);
  try {
    for (;;) {
      const next = await session.engineTurns.take(() => events.next());
      if (next.done) return learned;
      const event = next.value;
      record(learned, event);
      // The last look is at the weights that are kept, so it comes before the end is told.
      if (event.type === 'finished') await watch((setup.request.config.keepBest ? event.bestStep : null) ?? event.step, 'now');
      context.trainEvent(event);
      if (event.type === 'step') await watch(event.record.step, 'after steps');
      if (event.type === 'validation') await watch(event.record.step, 'soon');
      // Waiting here and not in the engine's turn leaves the engine to others during a pause.
      if (event.type === 'paused') await control.whilePaused();
      await breathe(context.signal);
    }
  } finally {
    await session.engineTurns.take(() => events.return(undefined));
  }
}

function record(learned: Learned, event: TrainEvent): void {
  switch (event.type) {
    case 'step':
      if (!Number.isFinite(event.record.loss))
        throw new TabtuneError('numbers', `The loss is not a number at step ${event.record.step}.`, { fix: 'Start again with a smaller learning rate.' });
      learned.steps.push(event.record);
      return;
    case 'validation':
      learned.validations.push(event.record);
      return;
    case 'finished':
      learned.reason = event.reason;
      learned.bestStep = event.bestStep;
      return;
    default:
      return;
  }
}

type When = 'now' | 'soon' | 'after steps';

/** Predicts the watched rows when it is time, and says what they came to. */
function watcher(session: Session, setup: Setup, model: FineTuneModel, data: RunData, context: Context): (step: number, when: When) => Promise<void> {
  const { task } = labelMapping(setup.info.mapping);
  const rows: Example[] = pickWatched(task, data.watchable);
  const encoded = rows.map((example) => encodeExample(setup.model.tokenizer, example, setup.request.config.maxLength));
  let last = { step: -1, endedAt: -Infinity, tookMs: 0 };
  return async (step, when) => {
    const startedAt = performance.now();
    const pause = Math.max(WATCH_EVERY_MS, last.tookMs / WATCH_SHARE);
    const due = startedAt - last.endedAt >= pause && (when === 'soon' || step - last.step >= WATCH_EVERY_STEPS);
    if (when !== 'now' && (step === last.step || !due)) return;
    const logits = await session.engineTurns.take(() => model.predict(encoded, { signal: context.signal }));
    last = { step, endedAt: performance.now(), tookMs: performance.now() - startedAt };
    context.trainEvent({ type: 'watched', step, predictions: watchedPredictions(task, setup.labels, rows, logits) });
  };
}

/** Writes weights and record to storage. When storage refuses, the run lives on in memory and the answer says why. */
async function keep(session: Session, setup: Setup, model: FineTuneModel, data: RunData, learned: Learned, context: Context): Promise<{ run: CurrentRun; unsaved: TrainResult['unsaved'] }> {
  const weights = writeSafetensors(await session.engineTurns.take(() => model.trained()), { format: 'pt' });
  throwIfCancelled(context.signal);
  const summary = summarize(session, setup, learned);
  const storage = await session.storage();
  let unsaved: TrainResult['unsaved'] = null;
  try {
    await storage.putRun({ id: summary.id, createdAt: summary.createdAt, summary, replay: data.replay }, weights);
  } catch (thrown) {
    unsaved = toPlainError(thrown);
  }
  const readWeights = unsaved ? () => Promise.resolve(weights) : () => storage.runWeights(summary.id);
  const run = new CurrentRun({ summary, model: setup.model, replay: data.replay, weights: readWeights, heldOut: heldOutOf(data), tuned: model });
  return { run, unsaved };
}

function summarize(session: Session, setup: Setup, learned: Learned): RunSummary {
  const { info, model, request } = setup;
  const device = session.requireDevice();
  const mapping = labelMapping(info.mapping);
  return {
    id: crypto.randomUUID(),
    name: request.runName,
    createdAt: new Date().toISOString(),
    task: mapping.task,
    labels: setup.labels,
    datasetId: info.id,
    datasetName: info.name,
    datasetSha256: info.sha256,
    mapping,
    split: info.split,
    splitRows: info.splitRows,
    model: model.info,
    modelSource: model.source,
    config: request.config,
    backend: device.chosen,
    device: device.backends.find((report) => report.backend === device.chosen)?.name ?? device.chosen,
    reason: learned.reason,
    steps: learned.steps,
    validations: learned.validations,
    elapsedMs: performance.now() - setup.startedAt,
    bestStep: learned.bestStep,
    evaluation: null,
  };
}
