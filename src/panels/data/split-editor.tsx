/** How the rows are split into training, validation and test. */
import { Button, Group, NumberInput, Stack, Switch, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { DatasetInfo, SplitConfig } from '../../domain/dataset';
import { SPLITS, type SplitName } from '../../domain/task';
import { useData } from '../../store';
import { StackedBar } from '../../ui/charts/stacked-bar';
import { formatCount, formatPercent } from '../../ui/format';
import { Section } from '../../ui/section';
import { Term } from '../../ui/term';
import classes from './split-editor.module.css';

const NAMES: Record<SplitName, { name: string; means: string; colour: string }> = {
  train: { name: 'Training', means: 'Rows that the model learns from.', colour: 'var(--tt-tuned)' },
  validation: {
    name: 'Validation',
    colour: 'var(--tt-valid)',
    means: 'Rows that tell during training how well it does on unseen texts, and which weights to keep.',
  },
  test: { name: 'Test', colour: 'var(--tt-base)', means: 'Rows that nobody touches until the end, for a fair result.' },
};

const percent = (share: number): number => Math.round(share * 1000) / 10;

/** The split with shares as the fields show them. */
const rounded = (split: SplitConfig): SplitConfig => ({
  ...split,
  train: percent(split.train) / 100,
  validation: percent(split.validation) / 100,
  test: percent(split.test) / 100,
});

export function SplitEditor({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const setSplit = useData((state) => state.setSplit);
  const [validation, setValidation] = useState(percent(info.split.validation));
  const [test, setTest] = useState(percent(info.split.test));
  const [seed, setSeed] = useState(info.split.seed);
  const [dropDuplicates, setDropDuplicates] = useState(info.split.dropDuplicates);
  const train = Math.round((100 - validation - test) * 10) / 10;
  const shares = { train: train / 100, validation: validation / 100, test: test / 100 };
  const next: SplitConfig = { ...shares, seed, dropDuplicates };
  const changed = JSON.stringify(next) !== JSON.stringify(rounded(info.split));
  const problem = train < 10 ? 'At least 10 % must stay for training.' : null;
  return (
    <Section
      title="Split"
      about={
        info.splitFromColumn
          ? `The column “${info.mapping.split}” says which rows are for what.`
          : 'Rows are dealt out at random but evenly over the labels; the same seed deals them the same way again.'
      }
    >
      <SplitBar rows={info.splitRows} />
      {!info.splitFromColumn && (
        <Stack mt="md">
          <Group align="flex-end">
            <ShareInput label="Validation" value={validation} onChange={setValidation} disabled={busy} />
            <ShareInput label="Test" value={test} onChange={setTest} disabled={busy} />
            <NumberInput
              label="Seed"
              min={0}
              max={2 ** 31 - 1}
              allowDecimal={false}
              value={seed}
              onChange={(value) => setSeed(Number(value) || 0)}
              disabled={busy}
              w={130}
            />
            <Button
              variant="default"
              disabled={busy || !changed || problem !== null}
              onClick={() => void setSplit(next)}
            >
              Split anew
            </Button>
          </Group>
          <Switch
            label="Leave out rows that repeat an earlier one exactly"
            checked={dropDuplicates}
            onChange={(event) => setDropDuplicates(event.currentTarget.checked)}
            disabled={busy}
          />
          {problem && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {problem}
            </Text>
          )}
        </Stack>
      )}
    </Section>
  );
}

function ShareInput({
  label,
  value,
  onChange,
  disabled,
}: {
  label: string;
  value: number;
  onChange: (percent: number) => void;
  disabled: boolean;
}) {
  return (
    <NumberInput
      label={label}
      suffix=" %"
      min={0}
      max={45}
      value={value}
      onChange={(typed) => onChange(Number(typed) || 0)}
      disabled={disabled}
      w={120}
    />
  );
}

function SplitBar({ rows }: { rows: Record<SplitName, number> }) {
  const total = Math.max(1, rows.train + rows.validation + rows.test);
  const stack = useMemo(
    () => ({
      label: 'Rows of the split',
      parts: SPLITS.map((split) => ({ ...NAMES[split], value: rows[split] })),
      format: formatCount,
    }),
    [rows],
  );
  return (
    <div>
      <StackedBar stack={stack} />
      <Group gap="lg" mt={6}>
        {SPLITS.map((split) => (
          <Text key={split} size="sm" component="span" className={classes.key}>
            <span className={classes.swatch} style={{ background: NAMES[split].colour }} />
            <Term means={NAMES[split].means}>{NAMES[split].name}</Term>{' '}
            <strong className="tt-numbers">{formatCount(rows[split])}</strong>{' '}
            <span className="tt-numbers">{formatPercent(rows[split] / total, 0)}</span>
          </Text>
        ))}
      </Group>
    </div>
  );
}
