/** Every setting of the run with its default and the reason for it, drawn from the lesson's table; closed at first. */
import { Accordion, Button, Group, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DatasetInfo } from '../../domain/dataset';
import type { ModelInfo } from '../../domain/model';
import { goesOn } from '../../domain/training-config';
import { lessonOf } from '../../lessons/index';
import type { NamedSetting } from '../../lessons/settings';
import { useTraining } from '../../store';
import { settingsKey, type EffectiveConfig } from '../../store/effective-config';
import { AdapterNotice } from './adapter-notice';
import { SettingControl } from './setting-control';
import classes from './settings.module.css';

const FROM = 'fromAdapter';

interface SettingsProps {
  effective: EffectiveConfig;
  data: DatasetInfo;
  model: ModelInfo;
}

export function Settings({ effective, data, model }: SettingsProps) {
  const { method, changes, resetChanges } = useTraining();
  const key = settingsKey(method, data, model);
  const changed = Object.keys((key && changes[key]) ?? {}).length;
  const { config } = effective;
  const shown = lessonOf(data.mapping).settings.list.filter(
    ({ setting }) => setting.when?.(config, model, data.mapping) ?? true,
  );
  const controls = (rows: readonly NamedSetting[]) =>
    rows.map((row) => <SettingControl key={row.name} row={row} effective={effective} model={model} />);
  const inGroup = (group: NamedSetting['setting']['group']) => shown.filter(({ setting }) => setting.group === group);
  const writing = inGroup('writing');
  // What becomes of the model's adapter is asked above, where it is seen.
  const lora = inGroup('lora').filter(({ name }) => name !== FROM);
  const from = shown.filter(({ name }) => name === FROM);
  const fixed = goesOn(config, model.adapter);
  return (
    <>
      {model.adapter && <AdapterNotice adapter={model.adapter} config={config} choice={controls(from)} />}
      <Accordion variant="separated" radius="md">
        <Accordion.Item value="advanced">
          <Accordion.Control>
            Advanced settings{' '}
            <Text span size="sm" c="dimmed">
              {changed ? `· ${changed} changed` : '· all at their defaults'}
            </Text>
          </Accordion.Control>
          <Accordion.Panel>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="md">
              {controls(inGroup(undefined))}
            </SimpleGrid>
            {writing.length > 0 && (
              <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="md" mt="md">
                {controls(writing)}
              </SimpleGrid>
            )}
            {lora.length > 0 && <LoraSettings rows={lora} fixed={fixed} controls={controls} />}
            <Group mt="lg">
              <Button variant="default" disabled={!changed} onClick={resetChanges}>
                Back to the defaults
              </Button>
            </Group>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

interface LoraSettingsProps {
  rows: readonly NamedSetting[];
  /** They are those of an adapter that is gone on with. */
  fixed: boolean;
  controls: (rows: readonly NamedSetting[]) => ReactNode;
}

function LoraSettings({ rows, fixed, controls }: LoraSettingsProps) {
  const isNames = ({ setting }: NamedSetting): boolean => setting.control.kind === 'names';
  return (
    <section aria-label="LoRA">
      {fixed && (
        <Text size="sm" mt="lg">
          These are the adapter’s own, from its adapter_config.json: going on with it cannot change them.
        </Text>
      )}
      <fieldset disabled={fixed} className={classes.bare}>
        <SimpleGrid cols={{ base: 1, sm: 3 }} mt="lg">
          {controls(rows.filter((row) => !isNames(row)))}
        </SimpleGrid>
        {!fixed && controls(rows.filter(isNames))}
      </fieldset>
    </section>
  );
}
