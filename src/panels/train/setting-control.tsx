/** One setting of a run: its control, its default and the reason for it. */
import { Checkbox, Group, NativeSelect, NumberInput, Switch } from '@mantine/core';
import type { ModelInfo } from '../../domain/model';
import type { Control, NamedSetting } from '../../lessons/settings';
import { useTraining } from '../../store';
import type { EffectiveConfig } from '../../store/effective-config';
import { formatNumber } from '../../ui/format';

export interface SettingControlProps {
  row: NamedSetting;
  effective: EffectiveConfig;
  model: ModelInfo;
}

/** Plain digits where people would write them so. */
const shownNumber = (value: number): string => (value >= 1e-6 && value < 1e6 ? String(value) : formatNumber(value));

/** A value as its control says it. */
function inWords(value: unknown, control: Control, model: ModelInfo): string {
  if (typeof value === 'number') return shownNumber(value);
  if (control.kind !== 'choice') return String(value);
  return control.options(model).find((option) => option.value === value)?.label ?? String(value);
}

/** "Default: 3. Three passes are the usual choice for fine-tuning." */
function description(row: NamedSetting, { defaults, reasons }: EffectiveConfig, model: ModelInfo): string {
  const { name, setting } = row;
  const whole = setting.description?.(model);
  if (whole !== undefined) return whole;
  const reason = reasons[name] ?? setting.about ?? '';
  if (setting.control.kind === 'switch') return reason;
  return `Default: ${inWords(row.valueIn(defaults), setting.control, model)}. ${reason}`.trim();
}

const isNames = (value: unknown): value is string[] => Array.isArray(value);

export function SettingControl({ row, effective, model }: SettingControlProps) {
  const change = useTraining((state) => state.change);
  const { control, label } = row.setting;
  const value = row.valueIn(effective.config);
  const shared = { label, description: description(row, effective, model) };
  const set = (next: unknown): void => change(row.changeTo(next));
  switch (control.kind) {
    case 'number':
      return <NumberControl row={row} control={control} effective={effective} {...shared} onChange={set} />;
    case 'optional-number':
      return (
        <NumberInput
          {...shared}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={control.placeholder}
          min={control.min}
          max={control.max}
          step={control.step}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => set(next === '' ? null : Number(next))}
        />
      );
    case 'choice':
      return (
        <NativeSelect
          {...shared}
          inputWrapperOrder={['label', 'input', 'description']}
          value={String(value)}
          data={control.options(model).map((option) => ({ ...option }))}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
    case 'switch':
      return <Switch {...shared} checked={value === true} onChange={(event) => set(event.currentTarget.checked)} />;
    case 'names':
      return (
        <Checkbox.Group {...shared} mt="md" value={isNames(value) ? value : []} onChange={set}>
          <Group mt="xs" gap="md">
            {control.of(model).map((name) => (
              <Checkbox key={name} value={name} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
      );
  }
}

interface NumberControlProps {
  row: NamedSetting;
  control: Extract<Control, { kind: 'number' }>;
  effective: EffectiveConfig;
  label: string;
  description: string;
  onChange: (value: number) => void;
}

function NumberControl({ row, control, effective, label, description, onChange }: NumberControlProps) {
  const { min, max, integer, step = 1 } = control;
  const value = Number(row.valueIn(effective.config));
  const initial = Number(row.valueIn(effective.defaults));
  const wrong = !Number.isFinite(value) || value < min || value > max || (integer && !Number.isInteger(value));
  return (
    <NumberInput
      label={label}
      description={description}
      error={wrong ? `From ${shownNumber(min)} to ${shownNumber(max)}` : null}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={value}
      min={min}
      max={max}
      step={typeof step === 'function' ? step(initial) : step}
      allowDecimal={!integer}
      decimalScale={10}
      clampBehavior="none"
      onChange={(next) => onChange(next === '' ? NaN : Number(next))}
    />
  );
}
