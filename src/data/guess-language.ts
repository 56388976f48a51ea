/** Guesses how columns hold conversations, texts or pairs of answers, from their names and their first rows. */
import type { LanguageMapping, LanguageRole } from '../domain/dataset';
import type { ColumnProfile } from './columns';
import { SPLIT_NAMES, profileColumn } from './columns';
import { looksLikeMessages } from './messages';

/** Chosen and rejected answer. */
const SIDES: readonly (readonly [string, string])[] = [
  ['chosen', 'rejected'],
  ['preferred_output', 'non_preferred_output'],
  ['chosen_response', 'rejected_response'],
  ['preferred', 'dispreferred'],
];
const PROMPT_NAMES = ['prompt', 'question', 'instruction', 'input', 'query', 'messages', 'conversations'] as const;
const MESSAGES_NAMES = ['messages', 'conversations', 'conversation', 'dialog', 'dialogue', 'chat'] as const;
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
  { prompt: 'input', answer: 'output', sure: false },
];
const INPUT_NAMES = ['input', 'context'] as const;
/** An answer has at least this many words on average; a label has fewer. */
const ANSWER_WORDS = 3;

type Find = (...names: readonly string[]) => ColumnProfile | undefined;

/**
 * The likeliest mapping for a decoder, or null when the rows look like labelled texts or like nothing that is known.
 */
export function guessLanguageMapping(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): LanguageMapping | null {
  const profiles = columns.map((name, index) => profileColumn(name, index, rows, false));
  const find: Find = (...names) =>
    names
      .map((name) => profiles.find((profile) => profile.name.trim().toLowerCase() === name && profile.filled > 0))
      .find(Boolean);
  const listed = (profile: ColumnProfile): boolean => {
    const cells = rows.map((row) => row[profile.index] ?? '').filter((cell) => cell.trim() !== '');
    return cells.length > 0 && cells.filter(looksLikeMessages).length * 2 > cells.length;
  };
  const split = find(...SPLIT_NAMES);
  const shared = { split: split && split.splits > 0.5 ? split.name : null };
  const system = find('system', 'system_prompt');
  const named = find(...MESSAGES_NAMES);
  const parts =
    guessPair(find) ??
    messagesIn(named && listed(named) ? named : undefined) ??
    guessAnswers(profiles, find) ??
    messagesIn(profiles.find(listed)) ??
    guessText(profiles.filter((profile) => profile.name !== shared.split));
  if (!parts) return null;
  const used = Object.values(parts.columns);
  const withSystem = parts.layout !== 'text' && system && !used.includes(system.name);
  return { ...parts, columns: withSystem ? { ...parts.columns, system: system.name } : parts.columns, ...shared };
}

type Parts = Omit<LanguageMapping, 'split'>;

function guessPair(find: Find): Parts | null {
  for (const [better, worse] of SIDES) {
    const chosen = find(better);
    const rejected = find(worse);
    if (!chosen || !rejected) continue;
    const prompt = find(...PROMPT_NAMES);
    const columns: Partial<Record<LanguageRole, string>> = {
      ...(prompt ? { prompt: prompt.name } : {}),
      chosen: chosen.name,
      rejected: rejected.name,
    };
    return { task: 'preference', layout: 'pair', columns };
  }
  return null;
}

function messagesIn(column: ColumnProfile | undefined): Parts | null {
  return column ? { task: 'chat', layout: 'messages', columns: { messages: column.name } } : null;
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
    return {
      task: 'chat',
      layout: 'prompt',
      columns: { prompt: prompt.name, answer: answer.name, ...(input ? { input: input.name } : {}) },
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
  return { task: 'chat', layout: 'text', columns: { text: only.name } };
}
