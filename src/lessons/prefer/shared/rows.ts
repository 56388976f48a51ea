/** Reads the cells of a row as a question with a better and a worse answer, or says why it cannot be used. */
import type { MappingReading, Table } from '../../../data/reading';
import type { ChatMessage } from '../../../domain/conversation';
import type { DatasetInfo } from '../../../domain/dataset';
import type { Repair } from '../../answer/shared/order';
import { asMessages, cellsReader, ordered, unusable, withSystem, writingReading } from '../../answer/shared/rows';
import type { CellOf, ContentOutcome, Remark } from '../../answer/shared/rows';
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

function readPair(cell: CellOf, name: CellOf, repair: readonly Repair[]): ContentOutcome<PreferContent> {
  for (const side of ['chosen', 'rejected'] as const)
    if (cell(side).trim() === '') return unusable('empty-answer', `The ${side} answer in "${name(side)}" is empty.`);
  const chosen = asMessages(cell('chosen'), 'assistant', name('chosen'));
  if (!chosen.ok) return chosen;
  const rejected = asMessages(cell('rejected'), 'assistant', name('rejected'));
  if (!rejected.ok) return rejected;
  const given =
    cell('prompt').trim() === ''
      ? { ok: true as const, messages: [], ways: [] }
      : asMessages(cell('prompt'), 'user', name('prompt'));
  if (!given.ok) return given;
  const remarks = [...given.ways, ...chosen.ways, ...rejected.ways];
  const sides = { chosen: chosen.messages, rejected: rejected.messages };
  return joinPair(withSystem(given.messages, cell('system')), sides, { repair, remarks });
}

const same = (a: ChatMessage | undefined, b: ChatMessage | undefined): boolean =>
  a?.role === b?.role && a?.content === b?.content;

/** The turns that both sides share are the prompt's; what is left has to be one answer each. */
function joinPair(
  prompt: ChatMessage[],
  { chosen, rejected }: { chosen: ChatMessage[]; rejected: ChatMessage[] },
  { repair, remarks }: { repair: readonly Repair[]; remarks: readonly Remark[] },
): ContentOutcome<PreferContent> {
  if (chosen.length === rejected.length && chosen.every((message, i) => same(message, rejected[i])))
    return unusable('equal-sides', 'The chosen and the rejected answer are the same: there is nothing to prefer.');
  let shared = 0;
  while (shared < Math.min(chosen.length, rejected.length) - 1 && same(chosen[shared], rejected[shared])) shared++;
  // Where one side is a whole conversation and the other an answer alone, the conversation has the prompt.
  const [long, short] = chosen.length > rejected.length ? [chosen, rejected] : [rejected, chosen];
  const lone = shared === 0 && short.length === 1 && long.length > 1;
  const head = lone ? long.slice(0, -1) : chosen.slice(0, shared);
  const [better, ...more] = lone ? chosen.slice(-1) : chosen.slice(shared);
  const [worse, ...moreWorse] = lone ? rejected.slice(-1) : rejected.slice(shared);
  const single = better && worse && more.length === 0 && moreWorse.length === 0;
  if (!single || better.role !== 'assistant' || worse.role !== 'assistant')
    return unusable('bad-roles', 'The two sides differ in more than the assistant’s last answer.');
  if (better.content.trim() === '' || worse.content.trim() === '')
    return unusable('empty-answer', `The ${worse.content.trim() === '' ? 'rejected' : 'chosen'} answer is empty.`);
  if (same(better, worse))
    return unusable('equal-sides', 'The chosen and the rejected answer are the same: there is nothing to prefer.');
  // Sides that are whole conversations repeat the prompt: it is taken from them then.
  const repeated = head.length >= prompt.length && prompt.every((message, i) => same(message, head[i]));
  const messages = repeated ? head : withoutRepeat(prompt, head);
  if (messages.length === 0) return unusable('empty-prompt', 'There is no prompt that the two answers belong to.');
  const found = ordered(messages, 'user', repair);
  if (!found.ok) return found;
  const content = {
    kind: 'preference',
    prompt: found.messages,
    chosen: better.content,
    rejected: worse.content,
  } as const;
  return { ok: true, content, remarks: [...remarks, ...found.remarks] };
}

/** The prompt and what the sides share behind it; a system turn of the prompt's own stays before a repeated rest. */
function withoutRepeat(prompt: ChatMessage[], head: ChatMessage[]): ChatMessage[] {
  const [system, ...rest] = prompt;
  const again = system?.role === 'system' && head.length >= rest.length && rest.every((turn, i) => same(turn, head[i]));
  return again && head[0]?.role !== 'system' ? [system, ...head] : [...prompt, ...head];
}
