/** How answers are written: the model's own settings, and the person's. */
import { Accordion, Button, Group, NumberInput, SimpleGrid, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { GENERATION_BOUNDS, type GenerationSettings } from '../../../domain/generation';
import { useChat, useSettings } from './use-chat';

type NumberSetting = keyof typeof GENERATION_BOUNDS;

const FIELDS: { field: NumberSetting; label: string; about: string; step: number; drawn: boolean }[] = [
  {
    field: 'maxNewTokens',
    label: 'Longest answer, in tokens',
    about: 'It may end earlier by itself.',
    step: 16,
    drawn: false,
  },
  {
    field: 'temperature',
    label: 'Temperature',
    about: 'Below 1 likelier tokens are favoured, above 1 rarer ones.',
    step: 0.1,
    drawn: true,
  },
  {
    field: 'topK',
    label: 'Top k',
    about: 'Draw from so many likeliest tokens; 0 draws from all.',
    step: 10,
    drawn: true,
  },
  {
    field: 'topP',
    label: 'Top p',
    about: 'Draw from the likeliest tokens that together have this probability.',
    step: 0.05,
    drawn: true,
  },
  {
    field: 'repetitionPenalty',
    label: 'Repetition penalty',
    about: 'Above 1, what was said already becomes less likely.',
    step: 0.05,
    drawn: false,
  },
  { field: 'seed', label: 'Seed', about: 'The same seed draws the same answer.', step: 1, drawn: true },
];

export function AnswerSettings({ continues }: { continues: boolean }) {
  const { settings: own, setSettings, system, setSystem } = useChat();
  const settings = useSettings();
  if (!settings) return null;
  const change = (changed: Partial<GenerationSettings>): void => setSettings({ ...settings, ...changed });
  return (
    <Accordion variant="separated" radius="md">
      <Accordion.Item value="settings">
        <Accordion.Control>
          How it answers{' '}
          <Text span size="sm" c="dimmed">
            · {settings.doSample ? 'tokens are drawn' : 'always the likeliest token'}
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          {!continues && (
            <Textarea
              label="System prompt"
              description="What both models are told first. Leave it empty if the rows had none."
              autosize
              minRows={1}
              maxRows={6}
              mb="md"
              value={system}
              onChange={(event) => setSystem(event.currentTarget.value)}
            />
          )}
          <Switch
            mb="md"
            label="Draw tokens at random"
            description="Off: the likeliest token is always taken, and the same question gives the same answer."
            checked={settings.doSample}
            onChange={(event) => change({ doSample: event.currentTarget.checked })}
          />
          <SettingsGrid settings={settings} change={change} />
          <Group mt="md">
            <Button variant="default" disabled={own === null} onClick={() => setSettings(null)}>
              Back to the model’s own
            </Button>
          </Group>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

interface SettingsGridProps {
  settings: GenerationSettings;
  change: (changed: Partial<GenerationSettings>) => void;
}

/** The numbers and the text to stop at; what only drawing uses is there while tokens are drawn. */
function SettingsGrid({ settings, change }: SettingsGridProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      {FIELDS.filter(({ drawn }) => settings.doSample || !drawn).map(({ field, label, about, step }) => {
        const { min, max, integer } = GENERATION_BOUNDS[field];
        return (
          <NumberInput
            key={field}
            label={label}
            description={about}
            min={min}
            max={max}
            step={step}
            allowDecimal={!integer}
            value={settings[field]}
            onChange={(value) => value !== '' && change({ [field]: Math.min(max, Math.max(min, Number(value))) })}
          />
        );
      })}
      <TextInput
        label="Stop at"
        description="Writing ends where this text begins."
        value={settings.stopStrings[0] ?? ''}
        onChange={(event) =>
          change({ stopStrings: event.currentTarget.value === '' ? [] : [event.currentTarget.value] })
        }
      />
    </SimpleGrid>
  );
}
