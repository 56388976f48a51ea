/** The base model and the taught one on test rows: how likely they find the expected answers, and what they write. */
import { Alert, Badge, Button, Group, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type * as z from 'zod/mini';
import type { LanguageMetrics } from '../../../domain/language-metrics';
import type { RunSummary } from '../../../domain/run';
import { go } from '../../../store';
import { Bars, SHARE_AXIS } from '../../../ui/charts/bars';
import { Figure, Figures } from '../../../ui/figure';
import { formatDuration, formatNumber, formatPercent, plural } from '../../../ui/format';
import { Icon } from '../../../ui/icons';
import { ScrollTable } from '../../../ui/scroll-table';
import { Section } from '../../../ui/section';
import { Term } from '../../../ui/term';
import { TermList } from '../../../ui/term-list';
import { changeOf, type AnswerChange } from '../shared/evaluation';
import { reportSchema, type AnswerPair } from '../shared/schema';

const KINDS = ['Before', 'Fine-tuned'];
const FIRST = 8;

interface Share {
  name: string;
  means: string;
  of: (metrics: LanguageMetrics) => number | null;
}

const SHARES: Share[] = [
  {
    name: 'Token accuracy',
    means: 'Share of the answers’ tokens that are the model’s first choice in their place.',
    of: (m) => m.tokenAccuracy,
  },
  {
    name: 'Exact match',
    means: 'Share of written answers that are the expected one word for word.',
    of: (m) => m.exactMatch,
  },
  {
    name: 'ROUGE-L',
    means: 'How much of the expected wording is there in the same order, as an F1 of words.',
    of: (m) => m.rougeL,
  },
];

const CHANGE_WORDS: Record<AnswerChange, { text: string; colour: string }> = {
  learned: { text: 'learned', colour: 'pine' },
  'still-right': { text: 'still right', colour: 'pine' },
  closer: { text: 'closer', colour: 'gray' },
  'as-close': { text: 'as close as before', colour: 'gray' },
  further: { text: 'further off', colour: 'red' },
  lost: { text: 'lost', colour: 'red' },
};

export function Report({ report }: { run: RunSummary; report: unknown }) {
  const { rows, before, after, answers, rewards, elapsedMs } = useMemo(() => reportSchema.parse(report), [report]);
  const shares = SHARES.filter(({ of }) => of(after) !== null);
  return (
    <>
      <Section
        title="Before and after"
        about={
          `${plural(rows, 'test row')} that training never saw, tried in ${formatDuration(elapsedMs)}. ` +
          'Compared with: the base model as it came.'
        }
      >
        {after.loss >= before.loss && (
          <Alert color="yellow" role="status" icon={<Icon name="warning" />} title="No better than before" mb="md">
            The fine-tuned model finds the expected answers no more likely than the base model did. Facts that occur in
            no training row cannot be learned; else try more epochs or more rows.
          </Alert>
        )}
        <ReportFigures before={before} after={after} rewards={rewards} />
        <Bars
          label="Before and after"
          kinds={KINDS}
          bars={shares.map(({ name, of }) => ({ name, values: [of(before) ?? 0, of(after) ?? 0] }))}
          valueName="share"
          {...SHARE_AXIS}
        />
        <TermList terms={shares} />
      </Section>
      {answers.length > 0 && <Answers answers={answers} rows={rows} />}
      <Group justify="flex-end">
        <Button onClick={() => go('try')}>Next: ask it yourself</Button>
      </Group>
    </>
  );
}

function ReportFigures({ before, after, rewards }: Pick<z.infer<typeof reportSchema>, 'before' | 'after' | 'rewards'>) {
  return (
    <Figures label="Before and after">
      <Figure
        name={
          <Term
            means={
              'How unlikely the model finds the expected answers, a token (negative log-likelihood in ' +
              'nats). Smaller is better.'
            }
          >
            Loss
          </Term>
        }
        value={formatNumber(after.loss)}
        note={`before: ${formatNumber(before.loss)}`}
      />
      <Figure
        name={
          <Term
            means={
              'e to the loss: among how many equally likely tokens the model seems to choose. Smaller ' + 'is better.'
            }
          >
            Perplexity
          </Term>
        }
        value={formatNumber(after.perplexity)}
        note={`before: ${formatNumber(before.perplexity)}`}
      />
      {rewards && (
        <>
          <Figure
            name={
              <Term
                means={
                  'Share of test pairs whose better answer gained more than the worse one ' + '(rewards/accuracies).'
                }
              >
                Pairs preferred rightly
              </Term>
            }
            value={formatPercent(rewards.accuracies)}
          />
          <Figure
            name={<Term means="By how much the better answer gained more, times beta (rewards/margins).">Margin</Term>}
            value={formatNumber(rewards.margins)}
          />
        </>
      )}
    </Figures>
  );
}

function Answers({ answers, rows }: { answers: AnswerPair[]; rows: number }) {
  const [all, setAll] = useState(false);
  return (
    <Section
      title="Answers to the test rows"
      about={answers.length < rows ? `The first ${answers.length} of ${rows}; writing takes time.` : undefined}
    >
      <ScrollTable label="Answers to the test rows">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Row</Table.Th>
            <Table.Th scope="col">Question</Table.Th>
            <Table.Th scope="col">Should be</Table.Th>
            <Table.Th scope="col">Before</Table.Th>
            <Table.Th scope="col">Fine-tuned</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {answers.slice(0, all ? undefined : FIRST).map((pair) => {
            const { text, colour } = CHANGE_WORDS[changeOf(pair)];
            return (
              <Table.Tr key={pair.row}>
                <Table.Td style={{ verticalAlign: 'top' }}>{pair.row}</Table.Td>
                {[pair.question, pair.expected, pair.before].map((cell, place) => (
                  <Table.Td key={place} style={{ minWidth: 160, overflowWrap: 'anywhere', verticalAlign: 'top' }}>
                    <Text size="sm" lineClamp={6}>
                      {cell || '(nothing)'}
                    </Text>
                  </Table.Td>
                ))}
                <Table.Td style={{ minWidth: 180, overflowWrap: 'anywhere', verticalAlign: 'top' }}>
                  <Text size="sm" lineClamp={6}>
                    {pair.after || '(nothing)'}
                  </Text>
                  <Badge variant="light" color={colour} tt="none" mt={4}>
                    {text}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </ScrollTable>
      {answers.length > FIRST && (
        <Button mt="sm" size="compact-sm" variant="subtle" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${answers.length}`}
        </Button>
      )}
    </Section>
  );
}
