/**
 * Rows for decoders: every layout is found by content, read as the same conversations, and what is unusable is listed
 * with its reason.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import { bytesSource } from '../../../base/bytes';
import { Dataset } from '../../../data/dataset';
import {
  conversationOf,
  conversationsOf,
  exampleOf,
  given,
  memoryStores,
  open,
  openRows,
  rowLessons,
} from '../../../testing/data';

const SHARED = '../shared/data';
const QUESTIONS = [
  'How do I unlock a bike, please?',
  'Where can I park after a ride?',
  'Are dogs allowed on the bike?',
  'Do you rent helmets as well?',
];
const ANSWERS = [
  'Scan the code on the mudguard.',
  'At any green post with a flag.',
  'Small dogs may ride along.',
  'Yes, they are in the blue box.',
];
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = (content: string) => ({ role: 'system', content });

/** All usable rows in the order of the file, without their numbers. */
function contents(dataset: Dataset): unknown[] {
  const rows = (['train', 'validation', 'test'] as const).flatMap((split) => conversationsOf(dataset, split));
  return rows
    .sort((a, b) => a.row - b.row)
    .map((example) => Object.fromEntries(Object.entries(example).filter(([key]) => key !== 'row')));
}

const rowsOf = <T>(make: (question: string, answer: string, i: number) => T): T[] =>
  QUESTIONS.map((question, i) => make(question, must(ANSWERS[i]), i));
const CHATS = rowsOf((question, answer) => ({ kind: 'chat', messages: [user(question), assistant(answer)] }));

describe('layouts are found by content', () => {
  it.each<[string, unknown[], object, string]>([
    [
      'messages',
      rowsOf((q, a) => ({ messages: [user(q), assistant(a)] })),
      { layout: 'messages', columns: { messages: 'messages' } },
      'We take `messages` as the conversation.',
    ],
    [
      'ShareGPT',
      rowsOf((q, a) => ({
        id: q,
        conversations: [
          { from: 'human', value: q },
          { from: 'gpt', value: a },
        ],
      })),
      { layout: 'messages', columns: { messages: 'conversations' } },
      'We take `conversations` as the conversation.',
    ],
    [
      'a list under another name',
      rowsOf((q, a) => ({ talk: [user(q), assistant(a)] })),
      { layout: 'messages', columns: { messages: 'talk' } },
      'We take `talk` as the conversation.',
    ],
    [
      'text parts',
      rowsOf((q, a) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: q }] }, assistant(a)] })),
      { layout: 'messages' },
      'We take `messages` as the conversation.',
    ],
    [
      'prompt and completion',
      rowsOf((q, a) => ({ prompt: q, completion: a })),
      { layout: 'prompt', columns: { prompt: 'prompt', answer: 'completion' } },
      'We take `prompt` as the question and `completion` as the answer to learn.',
    ],
    [
      'conversational prompt and completion',
      rowsOf((q, a) => ({ prompt: [user(q)], completion: [assistant(a)] })),
      { layout: 'prompt' },
      'We take `prompt` as the question and `completion` as the answer to learn.',
    ],
    [
      'question and answer',
      rowsOf((q, a) => ({ question: q, answer: a })),
      { layout: 'prompt', columns: { prompt: 'question', answer: 'answer' } },
      'We take `question` as the question and `answer` as the answer to learn.',
    ],
    [
      'Alpaca',
      rowsOf((q, a) => ({ instruction: q, input: '', output: a })),
      { layout: 'prompt', columns: { prompt: 'instruction', answer: 'output' } },
      'We take `instruction` as the question, `input` as what belongs to it and `output` as the answer to learn.',
    ],
  ])('%s', async (_name, rows, mapping, words) => {
    const dataset = await openRows(rows);
    expect(dataset.info.mapping).toMatchObject({ lesson: 'answer', ...mapping });
    expect(dataset.info.mappingInWords).toBe(words);
    expect(contents(dataset)).toEqual(CHATS);
    expect(dataset.info).toMatchObject({ usableRows: 4, labels: [], target: null, issues: { total: 0 } });
  });

  it('JSON arrays and CSV are read as JSON lines are', async () => {
    const array = await open(JSON.stringify(rowsOf((q, a) => ({ messages: [user(q), assistant(a)] }))), 'rows.json');
    expect(contents(array)).toEqual(CHATS);
    const table = await open(`question,answer\n${rowsOf((q, a) => `"${q}","${a}"`).join('\n')}\n`, 'rows.csv');
    expect(contents(table)).toEqual(CHATS);
  });

  it('Alpaca’s input goes under the instruction, a system column before it', async () => {
    const dataset = await openRows([
      { instruction: 'Translate this for me.', input: 'Guten Tag', output: 'Good day to you', system: 'Be brief.' },
      { instruction: 'Say something very nice.', input: '', output: 'You are very kind', system: '' },
    ]);
    expect(dataset.info.mapping).toEqual({
      lesson: 'answer',
      layout: 'prompt',
      columns: { prompt: 'instruction', answer: 'output', input: 'input', system: 'system' },
      split: null,
    });
    expect([conversationOf(dataset, 1), conversationOf(dataset, 2)]).toEqual([
      {
        row: 1,
        kind: 'chat',
        messages: [system('Be brief.'), user('Translate this for me.\n\nGuten Tag'), assistant('Good day to you')],
      },
      { row: 2, kind: 'chat', messages: [user('Say something very nice.'), assistant('You are very kind')] },
    ]);
  });

  it('several turns and a system turn stay as they are', async () => {
    const messages = [system('Be kind.'), user('Hi'), assistant('Hello'), user('Bye'), assistant('See you')];
    expect(contents(await openRows([{ messages }]))).toEqual([{ kind: 'chat', messages }]);
  });

  it.each<[string, unknown]>([
    ['strings', { prompt: 'Why?', chosen: 'Because it is so.', rejected: 'No.' }],
    [
      'lists with a prompt',
      { prompt: [user('Why?')], chosen: [assistant('Because it is so.')], rejected: [assistant('No.')] },
    ],
    [
      'whole conversations without a prompt',
      { chosen: [user('Why?'), assistant('Because it is so.')], rejected: [user('Why?'), assistant('No.')] },
    ],
    [
      'whole conversations and the prompt',
      {
        prompt: 'Why?',
        chosen: [user('Why?'), assistant('Because it is so.')],
        rejected: [user('Why?'), assistant('No.')],
      },
    ],
    [
      'OpenAI',
      {
        input: { messages: [user('Why?')], tools: [] },
        preferred_output: [assistant('Because it is so.')],
        non_preferred_output: [assistant('No.')],
      },
    ],
    [
      'ShareGPT',
      {
        conversations: [{ from: 'human', value: 'Why?' }],
        chosen: { from: 'gpt', value: 'Because it is so.' },
        rejected: { from: 'gpt', value: 'No.' },
      },
    ],
  ])('preferences as %s', async (_name, row) => {
    const dataset = await openRows([row, row]);
    expect(dataset.info.mapping).toMatchObject({ lesson: 'prefer', layout: 'pair' });
    expect(conversationOf(dataset, 1)).toEqual({
      row: 1,
      kind: 'preference',
      prompt: [user('Why?')],
      chosen: 'Because it is so.',
      rejected: 'No.',
    });
    expect(dataset.info.health.duplicates).toBe(1);
  });

  it('text files and Markdown have a row for each paragraph', async () => {
    const text = 'Once there was a fox, who ran\nthrough the wood.\r\n\r\n\nIt slept.\n\n\n- and, woke\n';
    const expected = ['Once there was a fox, who ran\nthrough the wood.', 'It slept.', '- and, woke'].map(
      (paragraph) => ({ kind: 'text', text: paragraph }),
    );
    for (const name of ['story.txt', 'story.md']) {
      const dataset = await open(text, name);
      expect(dataset.info).toMatchObject({
        source: { format: 'text' },
        rows: 3,
        mappingInWords: 'We take `text` as the text to learn to continue.',
      });
      expect(contents(dataset)).toEqual(expected);
    }
  });

  it('a table that is named .txt stays a table', async () => {
    expect((await open('text,label\na good one,x\na bad one,y\n', 'table.txt')).info.source).toMatchObject({
      format: 'csv',
    });
  });

  it('labelled texts are not taken for conversations', async () => {
    for (const rows of [
      [{ text: 'a fine day', label: 'x' }],
      [{ prompt: 'a fine day', label: 'x' }],
      [
        { question: 'a fine day', answer: 'yes' },
        { question: 'a bad day', answer: 'no' },
      ],
    ])
      expect((await openRows(rows)).info.mapping).toMatchObject({ lesson: 'classify', task: 'single-label' });
  });

  it('a split column is honoured', async () => {
    const dataset = await openRows(
      rowsOf((question, answer, i) => ({
        question,
        answer,
        split: i === 3 ? 'test' : i === 2 ? 'validation' : 'train',
      })),
    );
    expect(dataset.info.splitRows).toEqual({ train: 2, validation: 1, test: 1 });
    expect(conversationsOf(dataset, 'test').map(({ row }) => row)).toEqual([4]);
  });
});

describe('the mapping can be changed', () => {
  it('to labels and back', async () => {
    const dataset = await openRows(rowsOf((question, answer) => ({ question, answer })));
    const mapping = dataset.info.mapping;
    await dataset.setMapping(
      given({
        lesson: 'classify',
        task: 'single-label',
        text: 'question',
        textPair: null,
        labels: ['answer'],
        labelLayout: 'column',
        split: null,
      }),
    );
    expect([dataset.info.labels.length, conversationOf(dataset, 1)]).toEqual([4, null]);
    expect(exampleOf(dataset, 1)).toMatchObject({ text: QUESTIONS[0] });
    await dataset.setMapping(mapping);
    expect([exampleOf(dataset, 1), contents(dataset)]).toEqual([null, CHATS]);
  });

  it('to columns in another place, and refuses columns and parts that do not fit', async () => {
    const dataset = await openRows(rowsOf((question, answer) => ({ question, answer })));
    const { mapping } = dataset.info;
    await dataset.setMapping(given({ ...mapping, columns: { prompt: 'answer', answer: 'question' } }));
    expect(conversationOf(dataset, 1)).toMatchObject({
      messages: [user(must(ANSWERS[0])), assistant(must(QUESTIONS[0]))],
    });
    await expect(
      dataset.setMapping(given({ ...mapping, columns: { prompt: 'nowhere', answer: 'answer' } })),
    ).rejects.toMatchObject({ code: 'bad-config', place: { column: 'nowhere' } });
    await expect(
      dataset.setMapping(given({ ...mapping, columns: { prompt: 'answer', answer: 'answer' } })),
    ).rejects.toMatchObject({ code: 'bad-config' });
    await expect(dataset.setMapping(given({ ...mapping, columns: { chosen: 'answer' } }))).rejects.toMatchObject({
      code: 'bad-config',
    });
    await expect(dataset.setMapping(given({ ...mapping, lesson: 'prefer' }))).rejects.toMatchObject({
      code: 'bad-config',
    });
    await dataset.setMapping(given({ ...mapping, columns: { prompt: 'question' } }));
    expect(dataset.info.health.blocker).toBe('No column is chosen for: answer.');
  });

  it('is kept and reopened', async () => {
    const stores = memoryStores();
    const text = rowsOf((prompt, completion) => JSON.stringify({ prompt, completion })).join('\n');
    const dataset = await Dataset.import(
      bytesSource('rows.jsonl', new TextEncoder().encode(text)),
      'test',
      stores,
      rowLessons,
      { durable: false },
    );
    expect(contents(await Dataset.reopen(dataset.state(), stores, rowLessons))).toEqual(CHATS);
  });
});

describe('unusable rows are listed with row and reason', () => {
  const good = { messages: [user('Hi'), assistant('Hello')] };
  it.each<[string, unknown, string, RegExp]>([
    [
      'two user turns',
      { messages: [user('Hi'), user('Hi?'), assistant('Hello')] },
      'same-speaker',
      /Message 2 is the user, where the assistant should speak/,
    ],
    [
      'an assistant that begins',
      { messages: [assistant('Hello'), user('Hi')] },
      'assistant-first',
      /begins with the assistant/,
    ],
    [
      'a system turn in the middle',
      { messages: [user('Hi'), system('Be kind.'), assistant('Hello')] },
      'system-inside',
      /Message 2 is the system/,
    ],
    ['an unanswered question', { messages: [user('Hi')] }, 'user-last', /no answer to learn from/],
    [
      'an unknown role',
      { messages: [user('Hi'), { role: 'wizard', content: 'Hello' }] },
      'bad-roles',
      /Message 2 in "messages" has the role "wizard"/,
    ],
    ['a missing role', { messages: [{ content: 'Hi' }, assistant('Hello')] }, 'bad-roles', /has the role null/],
    [
      'an empty answer',
      { messages: [user('Hi'), assistant('  ')] },
      'empty-answer',
      /Message 2, of the assistant, is empty/,
    ],
    [
      'an empty question',
      { messages: [user(''), assistant('Hello')] },
      'empty-prompt',
      /Message 1, of the user, is empty/,
    ],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }, assistant('Hello')] },
      'has-media',
      /holds an image/,
    ],
    [
      'a tool call',
      { messages: [user('Hi'), { role: 'assistant', content: null, tool_calls: [] }] },
      'bad-messages',
      /holds no text/,
    ],
    ['no messages', { messages: [] }, 'bad-messages', /no turn/],
    ['text instead of messages', { messages: 'Hi' }, 'bad-messages', /no list of messages/],
    ['messages that are no objects', { messages: ['Hi'] }, 'bad-messages', /no object/],
    ['nothing', { other: 1 }, 'bad-messages', /is empty/],
  ])('%s', async (_name, row, problem, message) => {
    const dataset = await openRows([good, row, good]);
    const { rows, total } = dataset.rows(0, 10, 'issues');
    expect(total).toBe(1);
    expect(rows[0]).toMatchObject({
      row: 2,
      split: null,
      issue: { row: 2, problem, message: expect.stringMatching(message) as unknown },
    });
    expect(dataset.info.issues).toEqual({ total: 1, byProblem: { [problem]: 1 } });
    expect(conversationOf(dataset, 2)).toBeNull();
  });

  it.each<[string, unknown, string, RegExp]>([
    ['equal sides', { prompt: 'Why?', chosen: 'No.', rejected: 'No.' }, 'equal-sides', /the same/],
    [
      'equal sides as lists',
      { prompt: 'Why?', chosen: [assistant('No.')], rejected: [assistant('No.')] },
      'equal-sides',
      /the same/,
    ],
    [
      'an empty side',
      { prompt: 'Why?', chosen: 'Yes.', rejected: ' ' },
      'empty-answer',
      /rejected answer in "rejected"/,
    ],
    [
      'an empty side in a list',
      { prompt: 'Why?', chosen: [assistant('')], rejected: [assistant('No.')] },
      'empty-answer',
      /chosen answer is empty/,
    ],
    ['no prompt', { prompt: '', chosen: 'Yes.', rejected: 'No.' }, 'empty-prompt', /no prompt/],
    [
      'a prompt that ends with the assistant',
      { prompt: [user('Why?'), assistant('So.')], chosen: 'Yes.', rejected: 'No.' },
      'bad-roles',
      /ends with the assistant/,
    ],
    [
      'sides that differ in more than the answer',
      { chosen: [user('Why?'), assistant('Yes.')], rejected: [user('When?'), assistant('No.')] },
      'bad-roles',
      /more than the assistant/,
    ],
    [
      'a side of the user',
      { prompt: 'Why?', chosen: [user('Yes.')], rejected: [assistant('No.')] },
      'bad-roles',
      /more than the assistant/,
    ],
  ])('preferences: %s', async (_name, row, problem, message) => {
    const good = { prompt: 'Why?', chosen: 'Yes.', rejected: 'No.' };
    const { rows, total } = (await openRows([good, row, good])).rows(0, 10, 'issues');
    expect(total).toBe(1);
    expect(rows[0]).toMatchObject({ row: 2, issue: { problem, message: expect.stringMatching(message) as unknown } });
  });

  it('when no row is usable, the reason stands in the way of training', async () => {
    const dataset = await openRows([
      ...rowsOf((prompt) => ({ prompt, completion: '' })).slice(1),
      { prompt: '', completion: 'a lonely answer' },
    ]);
    expect(dataset.info.health.blocker).toBe('None of the 4 rows can be used: the answers are empty.');
  });

  it('repeats and contradictions are counted', async () => {
    const dataset = await openRows([
      ...rowsOf((prompt, completion) => ({ prompt, completion })),
      { prompt: QUESTIONS[0], completion: ANSWERS[0] },
      { prompt: QUESTIONS[1], completion: 'Nobody knows.' },
    ]);
    expect(dataset.info.health).toMatchObject({ duplicates: 1, conflicts: 1 });
    expect(dataset.info.health.warnings.join(' ')).toMatch(
      /1 row asks what an earlier one asks but answers differently/,
    );
  });
});

describe.skipIf(!existsSync(SHARED))('the shared data sets (skipped without ../shared/data)', () => {
  it.each<[string, number, string, object]>([
    ['faq/train.jsonl', 50, 'answer', { layout: 'messages', columns: { messages: 'messages' } }],
    [
      'instructions/alpaca_en_demo.json',
      999,
      'answer',
      { layout: 'prompt', columns: { prompt: 'instruction', input: 'input', answer: 'output' } },
    ],
    [
      'instructions/dpo_en_demo.json',
      300,
      'prefer',
      { layout: 'pair', columns: { prompt: 'conversations', chosen: 'chosen', rejected: 'rejected' } },
    ],
    [
      'instructions/kto_en_demo.json',
      300,
      'answer',
      { layout: 'messages', columns: { messages: 'messages', good: 'label' } },
    ],
  ])('%s', async (file, rows, lesson, mapping) => {
    const dataset = await open(readFileSync(`${SHARED}/${file}`, 'utf8'), file.split('/')[1]);
    expect(dataset.info.rows).toBe(rows);
    expect(dataset.info.mapping).toMatchObject({ lesson, ...mapping });
    const bad = dataset.info.issues.byProblem['marked-bad'] ?? 0;
    expect((dataset.info.usableRows + bad) / rows).toBeGreaterThan(0.95);
    expect(contents(dataset)).toHaveLength(dataset.info.usableRows);
  });
});
