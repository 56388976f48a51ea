/** The order in which turns have to come, what can be done about another one, and what is said of it. */
import * as z from 'zod/mini';
import type { RowTrouble } from '../../../data/records';
import type { ChatMessage, ChatRole } from '../../../domain/conversation';

/** What is done to conversations whose turns are out of order, if a person wants it. */
export const REPAIRS = ['join', 'first', 'last', 'system'] as const;
export type Repair = (typeof REPAIRS)[number];
export const repairsSchema = z.optional(z.array(z.enum(REPAIRS)));

/** By repair: the problem that it mends, the choice in words, what was done, and what a button says. */
export const REPAIR_WORDS: Record<Repair, { problem: string; name: string; done: string; label: string }> = {
  join: {
    problem: 'same-speaker',
    name: 'Join turns of the same speaker that follow each other',
    done: 'turns of the same speaker that follow each other were joined',
    label: 'Join these turns',
  },
  first: {
    problem: 'assistant-first',
    name: 'Leave out what the assistant says before the first question',
    done: 'what the assistant says before the first question was left out',
    label: 'Leave the greeting out',
  },
  last: {
    problem: 'user-last',
    name: 'Leave out a last question that nobody answers',
    done: 'a last question that nobody answers was left out',
    label: 'Leave the last question out',
  },
  system: {
    problem: 'system-inside',
    name: 'Move system turns from the middle to the beginning',
    done: 'system turns were moved from the middle to the beginning',
    label: 'Move them to the beginning',
  },
};

/** The turns after the repairs that are wanted, and those that changed something. */
export function repaired(
  messages: readonly ChatMessage[],
  wanted: readonly Repair[],
  last: 'user' | 'assistant',
): { messages: ChatMessage[]; done: Repair[] } {
  let turns = [...messages];
  const done: Repair[] = [];
  const apply = (repair: Repair, change: (turns: ChatMessage[]) => ChatMessage[]): void => {
    if (!wanted.includes(repair)) return;
    const changed = change(turns);
    if (changed.length === turns.length && changed.every((turn, at) => turn === turns[at])) return;
    turns = changed;
    done.push(repair);
  };
  apply('system', systemFirst);
  apply('first', (all) => {
    const asked = all.findIndex(({ role }) => role === 'user');
    return asked < 0 ? all : all.filter(({ role }, at) => at >= asked || role === 'system');
  });
  apply('last', (all) => (last === 'assistant' ? all.slice(0, all.findLastIndex(isAnswer) + 1) : all));
  apply('join', joined);
  return { messages: turns, done };
}

const isAnswer = ({ role }: ChatMessage): boolean => role === 'assistant';

function systemFirst(turns: ChatMessage[]): ChatMessage[] {
  const system = turns.filter(({ role }) => role === 'system');
  if (system.length === 0 || (system.length === 1 && turns[0]?.role === 'system')) return turns;
  const content = system.map((turn) => turn.content).join('\n\n');
  return [{ role: 'system', content }, ...turns.filter(({ role }) => role !== 'system')];
}

/** Neighbours of one speaker become one turn; answers that are learned are not joined with those that are not. */
function joined(turns: ChatMessage[]): ChatMessage[] {
  const made: ChatMessage[] = [];
  for (const turn of turns) {
    const before = made.at(-1);
    if (before?.role !== turn.role || before.learned !== turn.learned || turn.reasoning !== undefined) made.push(turn);
    else made[made.length - 1] = { ...before, content: `${before.content}\n\n${turn.content}` };
  }
  return made;
}

const NAMES: Record<ChatRole, string> = { system: 'the system', user: 'the user', assistant: 'the assistant' };

/**
 * What is wrong with the order or the content of turns, or null. `last` is who has to have the last word: the assistant
 * in a conversation to learn from, the user in the prompt of a preference.
 */
export function checkTurns(messages: readonly ChatMessage[], last: 'user' | 'assistant'): RowTrouble | null {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  const offset = messages.length - turns.length;
  for (const [at, { role, content }] of turns.entries()) {
    const expected = at % 2 === 0 ? 'user' : 'assistant';
    if (role !== expected) return misplaced(role, expected, at, offset);
    if (content.trim() === '') {
      const problem = role === 'user' ? 'empty-prompt' : 'empty-answer';
      return { problem, message: `Message ${at + offset + 1}, of ${NAMES[role]}, is empty.` };
    }
  }
  if (turns.at(-1)?.role === last) {
    const answers = turns.filter(isAnswer);
    if (last === 'user' || answers.some(({ learned }) => learned !== false)) return null;
    return { problem: 'not-learned', message: 'Every answer has weight 0: there is nothing to learn from this row.' };
  }
  if (turns.length === 0) return { problem: 'bad-messages', message: 'There is no turn of the user or the assistant.' };
  return last === 'assistant'
    ? { problem: 'user-last', message: 'The last turn is the user’s: there is no answer to learn from.' }
    : { problem: 'bad-roles', message: 'The prompt ends with the assistant’s turn, not with the user’s.' };
}

function misplaced(role: ChatRole, expected: ChatRole, at: number, offset: number): RowTrouble {
  const where = at === 0 ? 'The conversation begins with' : `Message ${at + offset + 1} is`;
  const problem =
    role === 'system' ? 'system-inside' : at === 0 && role === 'assistant' ? 'assistant-first' : 'same-speaker';
  return {
    problem,
    message: `${where} ${NAMES[role]}, where ${NAMES[expected]} should speak: user and assistant take turns.`,
  };
}
