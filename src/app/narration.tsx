/** The narration of "Show me": a sentence at the foot of the page while the sample runs through. */
import { Button, CloseButton, Text } from '@mantine/core';
import classes from './narration.module.css';
import { useShowMe } from '../store';

export function Narration() {
  const { sentence, stage, stages, done, stop } = useShowMe();
  if (sentence === null) return null;
  return (
    <aside className={classes.card} aria-label="Show me">
      <div>
        <Text size="xs" c="dimmed">
          Show me · {stage} of {stages}
        </Text>
        <Text size="sm">{sentence}</Text>
      </div>
      {done ? (
        <CloseButton aria-label="Close the narration" onClick={stop} />
      ) : (
        <Button size="compact-sm" variant="default" onClick={stop}>
          Stop
        </Button>
      )}
    </aside>
  );
}
