/** Settings of a run that teaches preferences, with the defaults and the reasons for them. */
import type { PreferenceConfig } from '../../../domain/language-config';
import { methodSchema, writingCommon, writingOwn } from '../../answer/shared/settings';
import { numberSetting, settingsOf } from '../../settings';
import type { PreferMapping } from './schema';

export type PreferConfig = PreferenceConfig;

/** The textbook's rates are meant for a model that has been taught already; few steps do not raise them. */
const { learning, course, lora } = writingCommon<PreferMapping>({
  textbook: { lora: 5e-6, full: 5e-7 },
  epochs: () => 3,
  short: () => 1,
  // What was measured was measured on answers.
  measured: () => null,
  schedule: 'linear',
});

const { template, base, gradientCheckpointing } = writingOwn;

export const settings = settingsOf<PreferConfig, PreferMapping>(methodSchema, {
  ...learning,
  labelSmoothing: {
    ...numberSetting('Label smoothing', { min: 0, max: 0.9, step: 0.05 }),
    about: 'Share of pairs that may be the wrong way round.',
    initial: () => 0,
  },
  ...course,
  template,
  base,
  beta: {
    group: 'writing',
    ...numberSetting('Beta', { min: 0.01, max: 10, step: 0.05 }),
    initial: () => 0.1,
    reason: () => 'The usual value: smaller lets the model drift further from what it was.',
    problem: (value) => (value > 0 && value <= 10 ? null : 'beta must be above 0 and at most 10.'),
  },
  gradientCheckpointing,
  lora,
});
