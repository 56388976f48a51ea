/** Type a text and see what the model says before and after, as you type. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo } from 'react';
import type { RunSummary } from '../../../domain/run';
import { go, store, useResults } from '../../../store';
import { ErrorNotice } from '../../../ui/error-notice';
import { ExampleRows } from '../../../ui/example-rows';
import { Section } from '../../../ui/section';
import { filledIn, template } from '../shared/join';
import { mappingSchema, reportSchema } from '../shared/schema';
import { Answers, answersHeight } from './answers';
import { createPredict } from './predict-store';

const usePredict = createPredict(store);

/** Long enough that a word is typed, short enough to feel like it answers at once. */
const TYPING_MS = 180;
/** Test rows offered as examples. */
const EXAMPLES = 3;

export function Try({ run }: { run: RunSummary }) {
  const { prediction, error, predict, draft, setDraft } = usePredict();
  const { task, textPair, text: column, joined } = useMemo(() => mappingSchema.parse(run.mapping), [run.mapping]);
  const columns = useMemo(() => (joined.length > 0 ? [column, ...joined] : []), [column, joined]);
  const pair = draft.pair;
  // Of several columns, their names stand there to be filled in.
  const text = draft.text === '' ? template(columns) : draft.text;
  const [typed] = useDebouncedValue(filledIn(text, columns).trim(), TYPING_MS);
  const [typedPair] = useDebouncedValue(pair.trim(), TYPING_MS);
  const paired = textPair !== null;
  const complete = typed !== '' && (!paired || typedPair !== '');
  useEffect(() => {
    if (complete) void predict(typed, paired ? typedPair : null);
  }, [complete, typed, typedPair, paired, predict]);
  return (
    <>
      {error && <ErrorNotice error={error} />}
      <Section title="Your text">
        <Stack gap="sm">
          <Textarea
            label={paired ? 'First text' : 'Text'}
            description={columns.length > 0 ? 'A line for each column; empty ones are left out.' : undefined}
            placeholder="Type or paste something"
            autosize
            minRows={3}
            maxRows={columns.length > 0 ? 24 : 10}
            value={text}
            onChange={(event) => setDraft({ text: event.currentTarget.value, pair })}
          />
          {paired && (
            <Textarea
              label="Second text"
              autosize
              minRows={3}
              maxRows={10}
              value={pair}
              onChange={(event) => setDraft({ text, pair: event.currentTarget.value })}
            />
          )}
          <Examples />
        </Stack>
      </Section>
      {complete && prediction ? (
        <Answers prediction={prediction} task={task} minHeight={answersHeight(task, run.labels.length)} />
      ) : (
        <Section title="Answers" minHeight={answersHeight(task, run.labels.length)}>
          <Text size="sm" c="dimmed">
            {paired ? 'They appear here when both texts are there.' : 'They appear here as you type.'}
          </Text>
        </Section>
      )}
      <Group justify="flex-end">
        <Button onClick={() => go('export')}>Next: take the model with you</Button>
      </Group>
    </>
  );
}

/** Test rows that the model got wrong, to be tried. */
function Examples() {
  const evaluation = useResults((state) => state.evaluation);
  const setDraft = usePredict((state) => state.setDraft);
  const examples = useMemo(
    () => (evaluation === null ? [] : reportSchema.parse(evaluation).mistakes.slice(0, EXAMPLES)),
    [evaluation],
  );
  return (
    <ExampleRows
      lead="Or a test row it got wrong:"
      verb="Try"
      examples={examples}
      most={28}
      onPick={({ text, textPair }) => setDraft({ text, pair: textPair ?? '' })}
    />
  );
}
