/** Answers that a person corrected: preference rows to take away or to teach at once. */
import { Button, Group, List } from '@mantine/core';
import { plural } from '../../../ui/format';
import { Icon } from '../../../ui/icons';
import { Section } from '../../../ui/section';
import { useChat } from './use-chat';

export function Corrections() {
  const { corrections, saveCorrections, dropCorrections, teachCorrections } = useChat();
  if (corrections.length === 0) return null;
  return (
    <Section
      title={plural(corrections.length, 'correction')}
      about={
        'Each is a row of preferences: the answer as it should be, and the one that was given. Training on ' +
        'them (DPO) teaches a model to prefer yours: this one becomes the base of the next run.'
      }
    >
      <List size="sm" spacing={4}>
        {corrections.slice(-5).map((correction, place) => (
          <List.Item key={place} style={{ overflowWrap: 'anywhere' }}>
            {correction.prompt.at(-1)?.content}: <strong>{correction.chosen}</strong>
          </List.Item>
        ))}
      </List>
      <Group mt="md" gap="sm">
        <Button variant="default" onClick={saveCorrections} leftSection={<Icon name="export" size={18} />}>
          Download corrections.jsonl
        </Button>
        <Button variant="default" onClick={() => void teachCorrections()}>
          Teach them to this model
        </Button>
        <Button variant="subtle" color="red" onClick={dropCorrections}>
          Forget them
        </Button>
      </Group>
    </Section>
  );
}
