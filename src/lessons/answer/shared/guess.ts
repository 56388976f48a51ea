/** Guesses how columns hold conversations or texts, from their names and their first rows. */
import { columnNamed, profileColumn } from '../../../data/columns';
import type { ColumnProfile } from '../../../data/reading';
import type { FirstRows } from '../../../data/reading';
import type { Guess } from '../../contract';
import type { RoleColumns } from './columns';
import { looksLikeMessages } from './messages';
import { isGood } from './rows';
import type { AnswerMapping } from './schema';

const MESSAGES_NAMES = [
  ...[
    'messages',
    'conversations',
    'conversation',
    'contents',
    'dialog',
    'dialogue',
    'dialogs',
    'dialogues',
    'turns',
    'chat',
  ],
  ...['chats', 'transcript'],
];
/** Question and answer. Pairs whose names alone don't tell an answer from a label are looked at more closely. */
const ANSWERS: readonly { prompt: string; answer: string; sure: boolean }[] = [
  { prompt: 'prompt', answer: 'completion', sure: true },
  { prompt: 'instruction', answer: 'output', sure: true },
  { prompt: 'instruction', answer: 'response', sure: true },
  { prompt: 'prompt', answer: 'response', sure: true },
  { prompt: 'prompt', answer: 'answer', sure: false },
  { prompt: 'question', answer: 'answer', sure: false },
  { prompt: 'question', answer: 'response', sure: false },
  { prompt: 'query', answer: 'response', sure: false },
  { prompt: 'question', answer: 'answers', sure: false },
  { prompt: 'text_input', answer: 'output', sure: true },
  { prompt: 'input_text', answer: 'output_text', sure: true },
  { prompt: 'human', answer: 'bot', sure: true },
  { prompt: 'human', answer: 'assistant', sure: true },
  { prompt: 'human', answer: 'gpt', sure: true },
  { prompt: 'user', answer: 'assistant', sure: true },
  { prompt: 'user', answer: 'bot', sure: true },
  { prompt: 'prompt', answer: 'output', sure: false },
  { prompt: 'input', answer: 'output', sure: false },
];
const INPUT_NAMES = ['input', 'context'] as const;
/** An answer has at least this many words on average; a label has fewer. */
const ANSWER_WORDS = 3;

type Find = (...names: readonly string[]) => ColumnProfile | undefined;
type Parts = Pick<AnswerMapping, 'layout' | 'columns'>;

/** Finds filled columns of a table by name, the best name first. */
export function finder({ columns, rows, profiles, decimalComma }: FirstRows): {
  profiles: readonly ColumnProfile[];
  find: Find;
} {
  // An answer such as `3,5` is text.
  const own = decimalComma ? columns.map((name, index) => profileColumn(name, index, rows, false)) : profiles;
  return { profiles: own, find: (...names) => columnNamed(own, names) };
}

/** The columns with that of the system prompt, where there is one that is not used yet. */
export function withSystem(columns: RoleColumns, find: Find): RoleColumns {
  const system = find('system', 'system_prompt', 'systeminstruction', 'system_instruction', 'system_message');
  return system && !Object.values(columns).includes(system.name) ? { ...columns, system: system.name } : columns;
}

/** The likeliest mapping, or null when the rows look like labelled texts or like nothing that is known. */
export function guess(first: FirstRows): Guess<AnswerMapping> | null {
  const { profiles, find } = finder(first);
  const listed = (profile: ColumnProfile, texts = false): boolean => {
    const cells = first.rows.map((row) => row[profile.index] ?? '').filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.filter((cell) => looksLikeMessages(cell, texts)).length * 2 > cells.length;
  };
  // Transcripts beside a label are to be judged rather than learned.
  const labelled = find('label', 'labels', 'category', 'class', 'target', 'score', 'rating') !== undefined;
  const isProse = ({ index }: ColumnProfile): boolean =>
    first.rows.some((row) => /^\s*[^\s[{(]/.test(row[index] ?? ''));
  const named = find(...MESSAGES_NAMES);
  const parts =
    messagesIn(named && listed(named, true) ? named : undefined) ??
    guessAnswers(profiles, find) ??
    messagesIn(profiles.find((profile) => listed(profile) && !(labelled && isProse(profile)))) ??
    guessText(profiles.filter((profile) => profile.name !== first.split));
  if (!parts) return null;
  const columns = parts.layout === 'text' ? parts.columns : withMore(withSystem(parts.columns, find), first, find);
  return { mapping: { lesson: 'answer', layout: parts.layout, columns, split: first.split }, certainty: 0.9 };
}

/** The columns with that of the mark of good and bad answers, where there is one. */
function withMore(columns: RoleColumns, first: FirstRows, find: Find): RoleColumns {
  const good = find('label', 'is_good', 'desirable', 'is_desirable', 'thumbs_up', 'kto_tag', 'good');
  const cells = good ? first.rows.map((row) => row[good.index] ?? '').filter((cell) => cell.trim() !== '') : [];
  const marks = cells.filter((cell) => isGood(cell) !== null);
  const free = good && !Object.values(columns).includes(good.name) && cells.length > 0 && marks.length === cells.length;
  return free ? { ...columns, good: good.name } : columns;
}

function messagesIn(column: ColumnProfile | undefined): Parts | null {
  return column ? { layout: 'messages', columns: { messages: column.name } } : null;
}

function guessAnswers(profiles: readonly ColumnProfile[], find: Find): Parts | null {
  for (const names of ANSWERS) {
    const prompt = find(names.prompt);
    const answer = find(names.answer);
    if (!prompt || !answer || answer.numeric > 0.5) continue;
    if (
      !names.sure &&
      (answer.words < ANSWER_WORDS || answer.distinct * 2 < answer.filled || find('label', 'labels') !== undefined)
    )
      continue;
    const input = profiles.find(
      (profile) =>
        profile !== prompt &&
        profile !== answer &&
        INPUT_NAMES.some((name) => name === profile.name.trim().toLowerCase()),
    );
    const history = find('history', 'chat_history');
    return {
      layout: 'prompt',
      columns: {
        prompt: prompt.name,
        answer: answer.name,
        ...(input ? { input: input.name } : {}),
        ...(history ? { history: history.name } : {}),
      },
    };
  }
  return null;
}

/** A single column of prose, as a text file has. */
function guessText(profiles: readonly ColumnProfile[]): Parts | null {
  const [only, ...more] = profiles.filter(
    (profile) => profile.filled > 0 && !/^(id|idx|index|.*_id)$/i.test(profile.name),
  );
  if (!only || more.length > 0 || only.numeric > 0.5 || only.words < ANSWER_WORDS) return null;
  return { layout: 'text', columns: { text: only.name } };
}
