/** What the rows teach: the choice of the lesson. The same file can often be read in more than one way. */
import { SegmentedControl, Text } from '@mantine/core';
import type { DatasetInfo } from '../../domain/dataset';
import { lessonOf, lessons } from '../../lessons/index';
import { useData } from '../../store';
import { Section } from '../../ui/section';

export function Reading({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const setMapping = useData((state) => state.setMapping);
  const { id, words } = lessonOf(info.mapping);
  const change = (value: string): void => {
    if (value !== id) void setMapping(lessonOf({ lesson: value }).start(info.columns, info.mapping.split));
  };
  return (
    <Section title="What it should learn">
      <SegmentedControl
        fullWidth
        aria-label="What it should learn"
        disabled={busy}
        value={id}
        onChange={change}
        data={lessons().map((lesson) => ({ value: lesson.id, label: lesson.words.name }))}
      />
      <Text size="sm" c="dimmed" mt="sm">
        {words.about}
      </Text>
    </Section>
  );
}
