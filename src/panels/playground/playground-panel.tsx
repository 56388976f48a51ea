/** Try it: type a text and see what the model says before and after, as you type. */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect } from 'react';
import { isLanguageEvaluation } from '../../domain/language-evaluation';
import { isLanguageRun, type LabelRun } from '../../domain/run';
import { useResults } from '../../store/results';
import { go } from '../../store/ui';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { PanelHeading, Section } from '../../ui/section';
import { Answers, answersHeight } from './answers';
import { Chat } from './chat';

/** Long enough that a word is typed, short enough to feel like it answers at once. */
const TYPING_MS = 180;
/** Test rows offered as examples. */
const EXAMPLES = 3;

export function PlaygroundPanel() {
  const { run, error } = useResults();
  return (
    <>
      <PanelHeading
        title="Try it"
        about={
          run && isLanguageRun(run)
            ? 'Ask anything and compare what the base model and the fine-tuned one write.'
            : 'Type any text and compare the answers before and after fine-tuning.'
        }
      />
      {error && <ErrorNotice error={error} />}
      {run ? (
        isLanguageRun(run) ? (
          <Chat run={run} />
        ) : (
          <Playground run={run} />
        )
      ) : (
        <EmptyNotice
          action={
            <Button component="a" href="#/train">
              Train a model
            </Button>
          }
        >
          There is no finished run yet.
        </EmptyNotice>
      )}
    </>
  );
}

function Playground({ run }: { run: LabelRun }) {
  const { evaluation, prediction, predict, draft, setDraft } = useResults();
  const { text, pair } = draft;
  const [typed] = useDebouncedValue(text.trim(), TYPING_MS);
  const [typedPair] = useDebouncedValue(pair.trim(), TYPING_MS);
  const paired = run.mapping.textPair !== null;
  const complete = typed !== '' && (!paired || typedPair !== '');
  useEffect(() => {
    if (complete) void predict(typed, paired ? typedPair : null);
  }, [complete, typed, typedPair, paired, predict]);
  const examples = evaluation && !isLanguageEvaluation(evaluation) ? evaluation.mistakes.slice(0, EXAMPLES) : [];
  return (
    <>
      <Section title="Your text">
        <Stack gap="sm">
          <Textarea
            label={paired ? 'First text' : 'Text'}
            placeholder="Type or paste something"
            autosize
            minRows={3}
            maxRows={10}
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
          {examples.length > 0 && (
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                Or a test row it got wrong:
              </Text>
              {examples.map((example) => (
                <Button
                  key={example.row}
                  size="compact-sm"
                  variant="default"
                  aria-label={`Try test row ${example.row}: ${example.text.slice(0, 60)}`}
                  onClick={() => setDraft({ text: example.text, pair: example.textPair ?? '' })}
                >
                  {example.text.length > 28 ? `${example.text.slice(0, 27)}…` : example.text}
                </Button>
              ))}
            </Group>
          )}
        </Stack>
      </Section>
      {complete && prediction ? (
        <Answers prediction={prediction} task={run.task} minHeight={answersHeight(run.task, run.labels.length)} />
      ) : (
        <Section title="Answers" minHeight={answersHeight(run.task, run.labels.length)}>
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
