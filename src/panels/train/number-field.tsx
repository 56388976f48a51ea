/** One bounded number among the settings, with its default and the reason. */
import { NumberInput } from '@mantine/core';
import { BOUNDS, type BoundedField } from '../../domain/training-config';
import { useTraining } from '../../store/training';
import { formatNumber } from '../../ui/format';
import type { EffectiveConfig } from '../../store/effective-config';

export interface NumberFieldProps {
  field: BoundedField;
  label: string;
  effective: EffectiveConfig;
  /** Said when the default carries no reason of its own. */
  about?: string;
  step?: number;
}

export function NumberField({ field, label, effective, about, step = 1 }: NumberFieldProps) {
  const change = useTraining((state) => state.change);
  const { min, max, integer } = BOUNDS[field];
  const value = effective.config[field];
  const wrong = !Number.isFinite(value) || value < min || value > max || (integer && !Number.isInteger(value));
  return (
    <NumberInput
      label={label}
      description={`Default: ${shown(effective.defaults[field])}. ${effective.reasons[field] ?? about ?? ''}`}
      error={wrong ? `From ${shown(min)} to ${shown(max)}` : null}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      min={min}
      max={max}
      step={field === 'learningRate' ? effective.defaults.learningRate / 10 : step}
      allowDecimal={!integer}
      decimalScale={10}
      clampBehavior="none"
      onChange={(next) => change({ [field]: next === '' ? NaN : Number(next) })}
    />
  );
}

/** Plain digits where people would write them so. */
const shown = (value: number): string => (value >= 1e-6 && value < 1e6 ? String(value) : formatNumber(value));
