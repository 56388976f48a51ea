/** Teaches answers, and texts to go on with. */
import { answers } from '../../../engine/learners/language';
import type { SequenceRow } from '../../../engine/learners/language';
import type { TrainingConfig } from '../../../domain/training-config';
import type { AnswerConfig } from '../../../domain/language-config';
import type { LanguageRow } from '../../../text/language-rows';
import { opened } from '../../define';
import { exampleReader, exampleSchema, mappingSchema, reportSchema, settings } from '../shared';
import type { WritingKind } from './kind';
import { writingWorker } from './worker';

const sequences = (rows: readonly LanguageRow[]): SequenceRow[] =>
  rows.flatMap((row) => (row.kind === 'sequence' ? [{ row: row.row, ...row.tokens }] : []));

const configOf = (value: TrainingConfig): AnswerConfig => opened(settings.draft, value, 'The settings');

export const answering: WritingKind = {
  task: 'chat',
  taught: 'taught answers by supervised fine-tuning',
  mapping: (value) => mappingSchema.parse(value),
  config: configOf,
  report: (value) => reportSchema.parse(value),
  example: (value) => exampleSchema.parse(value),
  reader: (mapping, info) => exampleReader(mappingSchema.parse(mapping), info),
  isPlainText: (mapping) => mappingSchema.parse(mapping).layout === 'text',
  learner: (model, { train, validation }, config) =>
    answers(model, { train: sequences(train), validation: sequences(validation) }, configOf(config)),
  ownSettings: (config) => ({ batch: configOf(config).packing ? ', packed' : '', more: [] }),
};

export const worker = writingWorker(answering);
