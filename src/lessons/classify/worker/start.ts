/** A run of labels as its lesson knows it. */
import type { RunOutcome, RunStart, RunSummary } from '../../../domain/run';
import type { LabelConfig, TrainingConfig } from '../../../domain/training-config';
import { opened } from '../../define';
import type { ClassifyMapping, EvaluationReport } from '../shared/schema';
import { mappingSchema, reportSchema } from '../shared/schema';
import { settings } from '../shared/settings';

export interface LabelStart extends RunStart {
  mapping: ClassifyMapping;
  config: LabelConfig;
}

export type LabelSummary = LabelStart & RunOutcome & { evaluation: EvaluationReport | null };

/** Throws `bad-config` for settings of another lesson. */
export const labelConfig = (config: TrainingConfig): LabelConfig => opened(settings.draft, config, 'The settings');

/** Throws when it is a start of another lesson. */
export const labelStart = (start: RunStart): LabelStart => ({
  ...start,
  mapping: mappingSchema.parse(start.mapping),
  config: labelConfig(start.config),
});

/** As `labelStart`. */
export const labelSummary = (run: RunSummary): LabelSummary => ({
  ...run,
  ...labelStart(run),
  evaluation: run.evaluation === null ? null : reportSchema.parse(run.evaluation),
});
