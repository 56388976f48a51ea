/** For tests: what the worker does for a lesson that teaches a number. */
import * as z from 'zod/mini';
import { must } from '../../../base/assert';
import { blobSource } from '../../../base/bytes';
import type { Mapping } from '../../../domain/dataset';
import type { RunStart } from '../../../domain/run';
import type { LabelConfig, TrainingConfig } from '../../../domain/training-config';
import { buildModel } from '../../../engine/build-model';
import { classification } from '../../../engine/learners/classification';
import type { EncodedExample, FineTuneModel } from '../../../engine/types';
import { readSafetensors, writeSafetensors } from '../../../formats/safetensors';
import { predictRows } from '../../../lessons/classify/worker/run';
import { encodeExample } from '../../../lessons/classify/worker/rows';
import type { Dataset } from '../../../data/dataset';
import type { SplitName } from '../../../domain/task';
import type { LessonWorker } from '../../../worker/lesson';
import type { Export } from '../../../worker/run/export';
import { offered } from '../../../worker/run/export';
import { RunInHand } from '../../../worker/run/run';
import { datasetFor } from '../../../worker/run/setup';
import type { Call, LoadedModel } from '../../../worker/session';
import { exampleReader, exampleSchema, settings } from '../shared';
import type { CountConfig, CountExample, CountReport } from '../shared';

const configOf = (config: TrainingConfig): CountConfig => settings.draft.parse(config);

const countOf = ({ story }: CountExample, { unit }: CountConfig): number =>
  unit === 'words' ? story.split(/\s+/).length : story.length;

function examples(dataset: Dataset, mapping: Mapping, split: SplitName): CountExample[] {
  const read = exampleReader(mapping, dataset.info.columns);
  return [...dataset.cellsOf(split)].flatMap(([row, cells]) => read(row, cells) ?? []);
}

const encoded = ({ tokenizer }: LoadedModel, config: CountConfig, rows: readonly CountExample[]): EncodedExample[] =>
  rows.map((example) =>
    encodeExample(
      tokenizer,
      { row: example.row, text: example.story, label: countOf(example, config) },
      config.maxLength,
    ),
  );

/** The settings as the engine's encoder takes them. */
const training = (config: CountConfig): LabelConfig => ({
  ...config,
  labelSmoothing: 0,
  classWeights: 'none',
  logTargets: false,
});

const build = ({ checkpoint: { config, tensors } }: LoadedModel, start: Pick<RunStart, 'config'>) =>
  buildModel({ config, tensors, task: 'regression', labels: [], training: training(configOf(start.config)) });

const EXPORTS: readonly Export<CountRun>[] = [
  {
    id: 'weights',
    card: { title: 'What was learned', forWhom: 'For tests', about: 'All weights.' },
    methods: ['full'],
    async write(run, name, { session }) {
      const trained = await session.engineTurns.take(async () => (await run.tuned()).trained());
      return [{ path: `${name}.safetensors`, bytes: writeSafetensors(trained) }];
    },
    proof: {
      async reread(run, { name, blob }) {
        const bytes = await blobSource(name, blob).read(0, blob.size);
        const { tensors } = readSafetensors(new Uint8Array(bytes), name);
        return {
          misread: null,
          async build() {
            const model = await build(run.model, run.summary);
            model.restore(tensors);
            return {
              figures: (call) => run.counts(call, async () => model, run.replay),
              dispose: () => model.dispose(),
            };
          },
        };
      },
      tolerance: () => 1e-5,
    },
  },
];

class CountRun extends RunInHand<FineTuneModel, CountExample> {
  readonly exports = offered(EXPORTS, this, 'full');
  readonly replaying = {
    figure: 'counts',
    expected: (call: Call) => this.counts(call, () => this.tuned(), this.replay),
    refusal: (largest: number) => `The file counts otherwise, by ${largest}.`,
    misreading: (misread: string) => misread,
  };
  readonly asks = {
    count: async (params: unknown, call: Call): Promise<number> => {
      const story = z.string().parse(params);
      const [found] = await this.counts(call, () => this.tuned(), [{ row: 0, story }]);
      return must(found?.[0], 'count');
    },
  };

  counts(call: Call, model: () => Promise<FineTuneModel>, rows: readonly CountExample[]): Promise<Float32Array[]> {
    return predictRows(call, model, encoded(this.model, configOf(this.summary.config), rows), 'Counting');
  }

  async evaluate(call: Call): Promise<CountReport> {
    const rows = examples(this.ownDataset(call.session), this.summary.mapping, 'test');
    const off = async (model: () => Promise<FineTuneModel>): Promise<number> => {
      const found = await this.counts(call, model, rows);
      const config = configOf(this.summary.config);
      const errors = rows.map((example, i) => Math.abs(must(found[i]?.[0], 'count') - countOf(example, config)));
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    };
    return { rows: rows.length, before: await off(() => this.before()), after: await off(() => this.tuned()) };
  }

  protected build(): Promise<FineTuneModel> {
    return build(this.model, this.summary);
  }
}

export const worker: LessonWorker = {
  lengthSettings: ({ maxLength }) => maxLength,
  lengths: async (_, { maxLength }) => ({
    overLong: 0,
    maxLength,
    longest: maxLength,
    mean: maxLength,
    counted: 1,
    notes: [],
    refusal: null,
  }),
  rowSeen: ({ session }, row) => session.requireDataset().cells(row),
  estimate: () => ({ parameters: 1, trainableParameters: 1, bytes: 1, steps: 1 }),
  workload: () => '',
  async open({ session, context }, setup) {
    const { model: loaded, start } = setup;
    const config = configOf(start.config);
    const read = (split: SplitName) => examples(datasetFor(session, setup), start.mapping, split);
    const [train, validation, replay] = [read('train'), read('validation'), read('test')];
    return async () => {
      const model = await session.engineTurns.take(() => build(loaded, start));
      const rows = encoded(loaded, config, replay);
      return {
        weights: model,
        looksFirst: true,
        replay,
        begin: (signal) =>
          classification(
            model,
            { train: encoded(loaded, config, train), validation: encoded(loaded, config, validation) },
            training(config),
            signal,
          ),
        look: async () =>
          (await session.engineTurns.take(() => model.predict(rows, { signal: context.signal }))).map(([n]) => n),
        inHand: (summary, weights) => new CountRun({ summary, model: loaded, replay, weights, tuned: model }),
      };
    };
  },
  reopen: (run) => new CountRun({ ...run, replay: run.replay.map((row) => exampleSchema.parse(row)) }),
};
