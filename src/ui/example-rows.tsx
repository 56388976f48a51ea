/** Test rows that can be tried with a press; nothing where there are none. */
import { Button, Group, Text } from '@mantine/core';

interface ExampleRow {
  row: number;
  text: string;
}

interface ExampleRowsProps<R extends ExampleRow> {
  /** "Or a test row it got wrong:" */
  lead: string;
  /** What a press does, before "test row 7": "Try". */
  verb: string;
  examples: readonly R[];
  /** Characters that a button shows at most. */
  most: number;
  onPick: (example: R) => void;
}

export function ExampleRows<R extends ExampleRow>({ lead, verb, examples, most, onPick }: ExampleRowsProps<R>) {
  if (examples.length === 0) return null;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        {lead}
      </Text>
      {examples.map((example) => (
        <Button
          key={example.row}
          size="compact-sm"
          variant="default"
          aria-label={`${verb} test row ${example.row}: ${example.text.slice(0, 60)}`}
          onClick={() => onPick(example)}
        >
          {example.text.length > most ? `${example.text.slice(0, most - 1)}…` : example.text}
        </Button>
      ))}
    </Group>
  );
}
