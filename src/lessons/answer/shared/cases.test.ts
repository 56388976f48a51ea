/** Files as people have them: what is read, what is left out and why, and what a button puts right. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import type { Dataset } from '../../../data/dataset';
import { conversationOf, conversationsOf, open, openRows } from '../../../testing/data';

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const file = (name: string): Promise<Dataset> =>
  open(readFileSync(new URL(`cases/${name}`, import.meta.url), 'utf8'), name);
const texts = ({ info }: Dataset): string[] => info.health.findings.map(({ text }) => text);

/** Presses the button of a finding. */
async function press(dataset: Dataset, label: string): Promise<void> {
  const found = dataset.info.health.findings.find(({ action }) => action?.label === label);
  await dataset.setMapping(must(found?.action, `button "${label}"`).mapping);
}

describe('files as people have them', () => {
  it('conversations that pandas wrote', async () => {
    const dataset = await file('python-repr.csv');
    expect(dataset.info.mappingInWords).toBe('We take `messages` as the conversation.');
    expect(dataset.info).toMatchObject({ rows: 40, usableRows: 40 });
    expect(conversationOf(dataset, 1)).toEqual({
      row: 1,
      kind: 'chat',
      messages: [user("What's 0 plus one?"), assistant("It's 1, of course.")],
    });
    expect(texts(dataset)).toEqual(['In 40 rows lists are written as Python prints them; they are read as such.']);
  });

  it('transcripts of which one is preferred', async () => {
    const dataset = await file('hh.jsonl');
    expect(dataset.info).toMatchObject({ rows: 40, usableRows: 40, mapping: { lesson: 'prefer' } });
    expect(conversationOf(dataset, 1)).toEqual({
      row: 1,
      kind: 'preference',
      prompt: [user('What is 0 plus one?')],
      chosen: 'It is 1.',
      rejected: 'No idea, sorry.',
    });
  });

  it('answers that are marked as good or bad', async () => {
    const dataset = await file('kto.jsonl');
    expect(dataset.info).toMatchObject({
      rows: 60,
      usableRows: 30,
      mapping: { columns: { prompt: 'prompt', answer: 'completion', good: 'label' } },
      issues: { byProblem: { 'marked-bad': 30 } },
    });
    expect(dataset.info.mappingInWords).toMatch(/`label` as whether it is a good one/);
    expect(texts(dataset)).toEqual([
      '30 rows are left out: the answer is marked as bad, and only good ones are learned.',
    ]);
    const answers = (['train', 'validation', 'test'] as const).flatMap((split) => conversationsOf(dataset, split));
    expect(JSON.stringify(answers)).not.toContain('Go away');
  });

  it('answers with weight 0', async () => {
    const dataset = await file('weights.jsonl');
    expect(dataset.info.usableRows).toBe(40);
    expect(conversationOf(dataset, 1)).toMatchObject({
      messages: [{}, { content: 'BAD BAD BAD.', learned: false }, {}, { content: 'It is good, number 0.' }],
    });
    expect(texts(dataset)).toEqual(['In 40 rows some answers have weight 0: they are read, not learned.']);
  });

  it('turns out of order, with a button for each that can be put right', async () => {
    const dataset = await file('sharegpt.json');
    expect(dataset.info).toMatchObject({
      rows: 48,
      usableRows: 8,
      issues: {
        byProblem: { 'assistant-first': 8, 'same-speaker': 8, 'user-last': 8, 'tool-turns': 8, 'system-inside': 8 },
      },
    });
    for (const label of [
      'Join these turns',
      'Leave the greeting out',
      'Leave the last question out',
      'Move them to the beginning',
    ])
      await press(dataset, label);
    expect(dataset.info).toMatchObject({ usableRows: 40, issues: { byProblem: { 'tool-turns': 8 } } });
    expect(texts(dataset)).toEqual([
      'In 8 rows turns of the same speaker that follow each other were joined.',
      'In 8 rows what the assistant says before the first question was left out.',
      'In 8 rows a last question that nobody answers was left out.',
      'In 8 rows system turns were moved from the middle to the beginning.',
      '8 rows are left out: tools are called or answer.',
    ]);
    await press(dataset, 'Leave these rows out instead');
    expect(dataset.info).toMatchObject({ usableRows: 32, issues: { byProblem: { 'same-speaker': 8 } } });
  });

  it('Gemini’s contents', async () => {
    const dataset = await file('contents.jsonl');
    expect(dataset.info.usableRows).toBe(40);
    expect(conversationOf(dataset, 1)).toMatchObject({ messages: [user('What is 0?'), assistant('It is 0.')] });
  });

  it('earlier turns of Alpaca', async () => {
    const dataset = await file('alpaca.json');
    expect(dataset.info.mappingInWords).toBe(
      'We take `history` as the turns before it, `instruction` as the question, `input` as what belongs to it and ' +
        '`output` as the answer to learn.',
    );
    expect(conversationOf(dataset, 1)).toEqual({
      row: 1,
      kind: 'chat',
      messages: [user('What is -1?'), assistant('It is -1.'), user('And 0?'), assistant('That is 0, yes.')],
    });
    expect(texts(dataset)).toEqual(['In 40 rows earlier turns come before the question.']);
  });
});

describe('what is left out is named', () => {
  const good = { messages: [user('Hi'), assistant('Hello there, you')] };
  const odd = (content: unknown) => ({ messages: [{ role: 'user', content }, assistant('Hello')] });
  it.each<[string, unknown, string, RegExp]>([
    [
      'OpenAI’s image',
      odd([
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'x' } },
      ]),
      'has-media',
      /an image/,
    ],
    ['a sound', odd([{ type: 'input_audio', input_audio: {} }]), 'has-media', /a sound/],
    [
      'Gemini’s file',
      { messages: [{ role: 'user', parts: [{ text: 'a' }, { inlineData: { mimeType: 'x' } }] }, assistant('Hello')] },
      'has-media',
      /a file/,
    ],
    [
      'a call beside the answer',
      { messages: [user('Hi'), { ...assistant('Let me see.'), tool_calls: [{ id: 1 }] }] },
      'tool-turns',
      /Message 2 in "messages" belongs to a tool/,
    ],
    ['a tool’s turn', { messages: [user('Hi'), { role: 'tool', content: '5' }] }, 'tool-turns', /belongs to a tool/],
    [
      'every answer with weight 0',
      { messages: [user('Hi'), { ...assistant('Hello'), weight: 0 }] },
      'not-learned',
      /Every answer has weight 0/,
    ],
    [
      'a weight in between',
      { messages: [user('Hi'), { ...assistant('Hello'), weight: 0.5 }] },
      'bad-messages',
      /neither 0 nor 1/,
    ],
  ])('%s', async (_name, row, problem, message) => {
    const dataset = await openRows([good, row, good]);
    expect(dataset.rows(0, 9, 'issues').rows[0]?.issue).toMatchObject({
      problem,
      message: expect.stringMatching(message) as unknown,
    });
  });
});

describe('what is read in another way than it stands is counted', () => {
  it('texts in turn, and the first of several answers', async () => {
    const dialog = await openRows([{ dialog: ['Hello there', 'Hi, how are you?', 'Fine', 'Good to hear'] }]);
    expect(conversationOf(dialog, 1)).toMatchObject({
      messages: [user('Hello there'), assistant('Hi, how are you?'), user('Fine'), assistant('Good to hear')],
    });
    expect(texts(dialog)[0]).toMatch(/^In 1 row texts stand in a list without roles/);
    const answers = await openRows(
      ['Where?', 'Who?'].map((question, i) => ({ question, answers: [`Over there, number ${i}`, 'Nowhere at all'] })),
    );
    expect(conversationOf(answers, 1)).toMatchObject({ messages: [user('Where?'), assistant('Over there, number 0')] });
    expect(texts(answers)).toEqual(['In 2 rows there is a list of answers, of which the first is learned.']);
  });

  it('a list that is to be written stays as it is', async () => {
    const rows = [{ prompt: 'Name two of them.', completion: ['Ann Smith', 'Bob Jones'] }];
    expect(conversationOf(await openRows(rows), 1)).toMatchObject({
      messages: [{}, { content: '["Ann Smith","Bob Jones"]' }],
    });
  });

  it('reasoning, under any of its names', async () => {
    for (const name of ['reasoning_content', 'thinking', 'reasoning']) {
      const dataset = await openRows([{ messages: [user('Why?'), { ...assistant('So.'), [name]: 'Hm.' }] }]);
      expect(conversationOf(dataset, 1)).toMatchObject({ messages: [{}, { content: 'So.', reasoning: 'Hm.' }] });
      expect(texts(dataset)).toEqual([
        'In 1 row reasoning is kept apart from the answer; it is handed to the chat template.',
      ]);
    }
  });

  it('equal preferences', async () => {
    const dataset = await openRows([
      { prompt: 'Why?', chosen: 'Yes.', rejected: 'No.' },
      { prompt: 'Why?', chosen: 'No.', rejected: 'No.' },
    ]);
    expect(texts(dataset)).toEqual([
      '1 row is left out: both answers are the same, so that there is nothing to prefer.',
    ]);
  });

  it('a mark that says neither', async () => {
    const rows = [true, false, true].map((label, i) => ({
      prompt: `Why ${i}?`,
      completion: 'Because it is so',
      label,
    }));
    const dataset = await openRows([...rows, { prompt: 'Why?', completion: 'So it is', label: null }]);
    expect(dataset.info.issues.byProblem).toEqual({ 'marked-bad': 1, 'bad-mark': 1 });
  });
});

it('transcripts beside a label are to be labelled', async () => {
  const text = (i: number): string => `\n\nHuman: What about ${i}?\n\nAssistant: It is a fine number.`;
  const rows = ['harmless', 'toxic', 'harmless', 'toxic'].map((label, i) => ({ text: text(i), label }));
  expect((await openRows(rows)).info.mapping).toMatchObject({ lesson: 'classify' });
  expect((await openRows(rows.map((row) => ({ text: row.text })))).info.mapping).toMatchObject({
    lesson: 'answer',
    layout: 'messages',
  });
});
