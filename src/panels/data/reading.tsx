/** What the rows teach: labels, answers, or preferences. The same file can often be read in more than one way. */
import { SegmentedControl, Text } from '@mantine/core';
import { isLanguageMapping, type DatasetInfo } from '../../domain/dataset';
import { READINGS, startingMapping, type Reading as ReadingKind } from '../../domain/reading';
import { useData } from '../../store/data';
import { Section } from '../../ui/section';

const WORDS: Record<ReadingKind, { name: string; about: string }> = {
  labels: { name: 'Labels', about: 'A label or a number for each text. For encoder models such as MiniLM.' },
  answers: {
    name: 'Answers',
    about: 'To write the answer to a question, or to go on with a text. For language models such as SmolLM2.',
  },
  preferences: {
    name: 'Preferences',
    about: 'Of two answers, to prefer the better one. For language models that answer already.',
  },
};

export function Reading({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const setMapping = useData((state) => state.setMapping);
  const reading: ReadingKind = !isLanguageMapping(info.mapping)
    ? 'labels'
    : info.mapping.task === 'preference'
      ? 'preferences'
      : 'answers';
  const change = (value: string): void => {
    const wanted = READINGS.find((one) => one === value);
    if (wanted && wanted !== reading) void setMapping(startingMapping(wanted, info));
  };
  return (
    <Section title="What it should learn">
      <SegmentedControl
        fullWidth
        aria-label="What it should learn"
        disabled={busy}
        value={reading}
        onChange={change}
        data={READINGS.map((value) => ({ value, label: WORDS[value].name }))}
      />
      <Text size="sm" c="dimmed" mt="sm">
        {WORDS[reading].about}
      </Text>
    </Section>
  );
}
