/** Corrections are written as rows that the data step reads as the same preferences. */
import { expect, it } from 'vitest';
import type { Correction } from '../domain/corrections';
import { correctionProblem, correctionsJsonl } from '../domain/corrections';
import { conversationOf, open } from '../testing/data';

const CORRECTIONS: Correction[] = [
  {
    prompt: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
    ],
    chosen: 'Hello\nthere',
    rejected: 'What?',
  },
  {
    prompt: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Bye' },
    ],
    chosen: 'See you',
    rejected: 'Hi',
  },
];

it('written and read again', async () => {
  const dataset = await open(correctionsJsonl(CORRECTIONS), 'corrections.jsonl');
  expect([conversationOf(dataset, 1), conversationOf(dataset, 2)]).toEqual(
    CORRECTIONS.map((correction, i) => ({ row: i + 1, kind: 'preference', ...correction })),
  );
});

it('an empty or unchanged answer is no correction', () => {
  expect([
    correctionProblem({ chosen: ' ', rejected: 'x' }),
    correctionProblem({ chosen: 'x ', rejected: ' x' }),
    correctionProblem({ chosen: 'y', rejected: 'x' }),
  ]).toEqual(['Write what the answer should have been.', 'This is what the model said: change it.', null]);
});
