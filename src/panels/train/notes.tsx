/** What the run itself says a person should know of it. */
import { Alert } from '@mantine/core';
import { useTraining } from '../../store';
import { Icon } from '../../ui/icons';

export function Notes() {
  const notes = useTraining((state) => state.notes);
  return notes.map((note) => (
    <Alert key={note} color="yellow" role="status" icon={<Icon name="warning" />}>
      {note}
    </Alert>
  ));
}
