/**
 * A talk with a model that writes: the base model and the fine-tuned one side by side, and corrections of what is
 * wrong.
 */
import { Badge, Button, Code, Group, Paper, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { correctionProblem } from '../../../domain/corrections';
import type { RunSummary } from '../../../domain/run';
import { go, useResults } from '../../../store';
import { ErrorNotice } from '../../../ui/error-notice';
import { Icon } from '../../../ui/icons';
import { ExampleRows } from '../../../ui/example-rows';
import { Section } from '../../../ui/section';
import { mappingSchema, reportSchema } from '../shared/schema';
import { AnswerSettings } from './answer-settings';
import type { Exchange, Side, SideAnswer } from './chat-store';
import { Corrections } from './corrections';
import { useChat } from './use-chat';

/** Test questions offered as examples. */
const EXAMPLES = 3;
const NAMES: Record<Side, string> = { before: 'The base model', after: 'Fine-tuned' };

export function Try({ run }: { run: RunSummary }) {
  const { exchanges, writing, error, clear } = useChat();
  // Of preferences the mapping is another, and they are always answers.
  const continues = useMemo(() => mappingSchema.safeParse(run.mapping).data?.layout === 'text', [run.mapping]);
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {exchanges.length > 0 && (
        <Section
          title="The talk"
          actions={
            <Button size="compact-sm" variant="default" onClick={clear} disabled={writing !== null}>
              Start anew
            </Button>
          }
        >
          <Stack gap="lg" role="log" aria-label="The talk">
            {exchanges.map((exchange, place) => (
              <Turn
                key={place}
                exchange={exchange}
                place={place}
                continues={continues}
                writing={place === exchanges.length - 1 ? writing : null}
              />
            ))}
          </Stack>
        </Section>
      )}
      <Ask continues={continues} />
      <AnswerSettings continues={continues} />
      <Corrections />
      <Group justify="flex-end">
        <Button onClick={() => go('export')}>Next: take the model with you</Button>
      </Group>
    </>
  );
}

function Ask({ continues }: { continues: boolean }) {
  const { ask, stop, writing, draft: question, setDraft } = useChat();
  const send = (): void => {
    if (question.trim() === '' || writing) return;
    setDraft('');
    // The beginning of a text keeps its spaces: they belong to it.
    void ask(continues ? question : question.trim(), continues);
  };
  return (
    <Section title={continues ? 'The beginning of a text' : 'Your question'}>
      <Stack gap="sm">
        <Textarea
          label={continues ? 'Text to be continued' : 'Question'}
          description="Enter sends, Shift and Enter begin a new line."
          autosize
          minRows={2}
          maxRows={8}
          value={question}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <Examples />
        <Group>
          {writing ? (
            <Button variant="default" leftSection={<Icon name="stop" size={18} />} onClick={stop}>
              Stop writing
            </Button>
          ) : (
            <Button leftSection={<Icon name="play" size={18} />} disabled={question.trim() === ''} onClick={send}>
              {continues ? 'Continue it' : 'Ask both'}
            </Button>
          )}
        </Group>
      </Stack>
    </Section>
  );
}

/** Questions of test rows, offered until the first is asked. */
function Examples() {
  const { exchanges, setDraft } = useChat();
  const evaluation = useResults((state) => state.evaluation);
  const answers = useMemo(
    () => (evaluation === null ? [] : reportSchema.parse(evaluation).answers.slice(0, EXAMPLES)),
    [evaluation],
  );
  return (
    <ExampleRows
      lead="Or a question of the test rows:"
      verb="Take"
      examples={exchanges.length === 0 ? answers.map(({ row, question }) => ({ row, text: question })) : []}
      most={34}
      onPick={({ text }) => setDraft(text)}
    />
  );
}

function Turn({
  exchange,
  place,
  continues,
  writing,
}: {
  exchange: Exchange;
  place: number;
  continues: boolean;
  writing: Side | null;
}) {
  return (
    <Stack gap="xs">
      <Text fw={600} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {exchange.question}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {(['before', 'after'] as const).map((side) => (
          <Answer key={side} side={side} answer={exchange[side]} waiting={writing !== null} writing={writing === side}>
            {side === 'after' && !continues && exchange.after.text !== '' && writing === null && (
              <Correct exchange={exchange} place={place} />
            )}
          </Answer>
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function Answer({
  side,
  answer,
  waiting,
  writing,
  children,
}: {
  side: Side;
  answer: SideAnswer;
  waiting: boolean;
  writing: boolean;
  children: ReactNode;
}) {
  const { text, result, cut } = answer;
  const note = writing
    ? 'writing …'
    : cut
      ? 'stopped'
      : result?.ended === 'length'
        ? `cut after ${result.tokens} tokens`
        : result
          ? `${result.tokens} tokens`
          : waiting
            ? 'comes next'
            : '';
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="xs" mb={4}>
        <Badge variant="light" color={side === 'after' ? 'pine' : 'gray'} tt="none">
          {NAMES[side]}
        </Badge>
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      </Group>
      <Text
        size="sm"
        style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
        aria-label={`${NAMES[side]} says`}
        component="div"
        role="group"
      >
        {text || (result ? '(nothing)' : waiting ? '…' : '(not asked)')}
      </Text>
      {result !== null && result.dropped > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          The first {result.dropped} messages no longer fit and were left out.
        </Text>
      )}
      {children}
    </Paper>
  );
}

function Correct({ exchange, place }: { exchange: Exchange; place: number }) {
  const correct = useChat((state) => state.correct);
  const [wanted, setWanted] = useState<string | null>(null);
  if (exchange.corrected !== null)
    return (
      <Text size="sm" mt="xs">
        Noted. It should be: <Code>{exchange.corrected}</Code>
      </Text>
    );
  if (wanted === null)
    return (
      <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setWanted(exchange.after.text)}>
        This is wrong …
      </Button>
    );
  const problem = correctionProblem({ chosen: wanted, rejected: exchange.after.text });
  return (
    <Stack gap="xs" mt="xs">
      <Textarea
        label="It should be"
        autosize
        minRows={2}
        value={wanted}
        error={wanted === exchange.after.text ? null : problem}
        onChange={(event) => setWanted(event.currentTarget.value)}
        data-autofocus
      />
      <Group gap="xs">
        <Button size="compact-sm" disabled={problem !== null} onClick={() => correct(place, wanted.trim())}>
          Note the correction
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setWanted(null)}>
          Never mind
        </Button>
      </Group>
    </Stack>
  );
}
