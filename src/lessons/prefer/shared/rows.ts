/** Reads the cells of a row as a question with a better and a worse answer, or says why it cannot be used. */
import type { MappingReading, Table } from '../../../data/reading';
import type { ChatMessage } from '../../../domain/conversation';
import type { DatasetInfo } from '../../../domain/dataset';
import { checkTurns } from '../../answer/shared/messages';
import { asMessages, cellsReader, unusable, withSystem, writingReading } from '../../answer/shared/rows';
import type { CellOf, ContentOutcome } from '../../answer/shared/rows';
import { LAYOUTS } from './schema';
import type { PreferContent, PreferExample, PreferMapping } from './schema';

/** How the rows of a table are read. Throws `bad-config` for columns that pairs do not have. */
export const reading = (mapping: PreferMapping, table: Table): MappingReading =>
  writingReading(mapping, table, readPair, LAYOUTS.pair);

/** Reads rows of a data set as examples, `row` counted from 1; null for a row that cannot be used. */
export function exampleReader(
  mapping: PreferMapping,
  info: Pick<DatasetInfo, 'columns'>,
): (row: number, cells: readonly string[]) => PreferExample | null {
  const read = cellsReader(mapping, info.columns, readPair);
  return (row, cells) => {
    const outcome = read(cells);
    return outcome.ok ? { row, ...outcome.content } : null;
  };
}

function readPair(cell: CellOf, name: CellOf): ContentOutcome<PreferContent> {
  for (const side of ['chosen', 'rejected'] as const)
    if (cell(side).trim() === '') return unusable('empty-answer', `The ${side} answer in "${name(side)}" is empty.`);
  const chosen = asMessages(cell('chosen'), 'assistant', name('chosen'));
  if (!chosen.ok) return chosen;
  const rejected = asMessages(cell('rejected'), 'assistant', name('rejected'));
  if (!rejected.ok) return rejected;
  const given =
    cell('prompt').trim() === ''
      ? { ok: true as const, messages: [] }
      : asMessages(cell('prompt'), 'user', name('prompt'));
  if (!given.ok) return given;
  return joinPair(given.messages, chosen.messages, rejected.messages, cell('system'));
}

const same = (a: ChatMessage | undefined, b: ChatMessage | undefined): boolean =>
  a?.role === b?.role && a?.content === b?.content;

/** The turns that both sides share are the prompt's; what is left has to be one answer each. */
function joinPair(
  prompt: ChatMessage[],
  chosen: ChatMessage[],
  rejected: ChatMessage[],
  system: string,
): ContentOutcome<PreferContent> {
  if (chosen.length === rejected.length && chosen.every((message, i) => same(message, rejected[i])))
    return unusable('equal-sides', 'The chosen and the rejected answer are the same: there is nothing to prefer.');
  let shared = 0;
  while (shared < Math.min(chosen.length, rejected.length) - 1 && same(chosen[shared], rejected[shared])) shared++;
  const [better, ...more] = chosen.slice(shared);
  const [worse, ...moreWorse] = rejected.slice(shared);
  if (
    !better ||
    !worse ||
    more.length > 0 ||
    moreWorse.length > 0 ||
    better.role !== 'assistant' ||
    worse.role !== 'assistant'
  )
    return unusable('bad-roles', 'The two sides differ in more than the assistant’s last answer.');
  if (better.content.trim() === '' || worse.content.trim() === '')
    return unusable('empty-answer', `The ${worse.content.trim() === '' ? 'rejected' : 'chosen'} answer is empty.`);
  const head = chosen.slice(0, shared);
  // Sides that are whole conversations repeat the prompt: it is taken from them then.
  const repeated = head.length >= prompt.length && prompt.every((message, i) => same(message, head[i]));
  const messages = withSystem(repeated ? head : [...prompt, ...head], system);
  if (messages.length === 0) return unusable('empty-prompt', 'There is no prompt that the two answers belong to.');
  const trouble = checkTurns(messages, 'user');
  return trouble
    ? { ok: false, trouble }
    : { ok: true, content: { kind: 'preference', prompt: messages, chosen: better.content, rejected: worse.content } };
}
