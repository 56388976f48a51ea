/** Asks for another name of a run. */
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useProjects, useUi } from '../../store';

const LONGEST_NAME = 200;

export function RenameDialog({ id, name }: { id: string; name: string }) {
  const closeDialog = useUi((state) => state.closeDialog);
  const rename = useProjects((state) => state.rename);
  const [text, setText] = useState(name);
  const wanted = text.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void rename(id, wanted).then(closeDialog);
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          value={text}
          maxLength={LONGEST_NAME}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={closeDialog}>
            Cancel
          </Button>
          <Button type="submit" disabled={wanted === '' || wanted === name}>
            Rename
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
