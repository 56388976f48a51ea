/** Takes a pasted table; the worker reads it like a file. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { go, useData, useUi } from '../../store';

export function PasteDialog() {
  const closeDialog = useUi((state) => state.closeDialog);
  const open = useData((state) => state.open);
  const [text, setText] = useState('');
  const use = (): void => {
    closeDialog();
    go('data');
    void open({ kind: 'text', name: 'Pasted table', text });
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        From a spreadsheet, a CSV, or JSON. The first row should name the columns.
      </Text>
      <Textarea
        label="Table"
        placeholder={'text,label\n"Where is my parcel?",delivery\n"I was charged twice",billing'}
        autosize
        minRows={8}
        maxRows={16}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autoFocus
        styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }}
        spellCheck={false}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={closeDialog}>
          Cancel
        </Button>
        <Button onClick={use} disabled={!text.trim()}>
          Use this table
        </Button>
      </Group>
    </Stack>
  );
}
