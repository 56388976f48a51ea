/** Teaches preferences by DPO; all but what is here is as where answers are taught. */
import { preferences } from '../../../engine/learners/language';
import type { PreferenceRow } from '../../../engine/learners/language';
import type { TrainingConfig } from '../../../domain/training-config';
import type { PreferenceConfig } from '../../../domain/language-config';
import type { LanguageRow } from '../../../text/language-rows';
import type { WritingKind } from '../../answer/worker/kind';
import { writingWorker } from '../../answer/worker/worker';
import { reportSchema } from '../../answer/shared';
import { opened } from '../../define';
import { exampleReader, exampleSchema, mappingSchema, settings } from '../shared';
import { rewards } from './rewards';

const pairs = (rows: readonly LanguageRow[]): PreferenceRow[] =>
  rows.flatMap((row) => (row.kind === 'preference' ? [row] : []));

const configOf = (value: TrainingConfig): PreferenceConfig => opened(settings.draft, value, 'The settings');

export const preferring: WritingKind = {
  task: 'preference',
  taught: 'taught preferences by DPO',
  mapping: (value) => mappingSchema.parse(value),
  config: configOf,
  report: (value) => reportSchema.parse(value),
  example: (value) => exampleSchema.parse(value),
  reader: (mapping, info) => exampleReader(mappingSchema.parse(mapping), info),
  isPlainText: () => false,
  learner: (model, { train, validation }, config, signal) =>
    preferences(model, { train: pairs(train), validation: pairs(validation) }, configOf(config), signal),
  ownSettings(config) {
    const { beta, labelSmoothing } = configOf(config);
    return {
      batch: '',
      more: [
        ['beta', beta],
        ['label smoothing', labelSmoothing],
      ],
    };
  },
  rewards,
};

export const worker = writingWorker(preferring);
