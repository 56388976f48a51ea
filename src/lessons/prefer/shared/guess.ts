/** Guesses which columns hold a better and a worse answer, from their names. */
import type { FirstRows } from '../../../data/reading';
import { finder, withSystem } from '../../answer/shared/guess';
import type { Guess } from '../../contract';
import type { PreferMapping } from './schema';

/** Chosen and rejected answer. */
const SIDES: readonly (readonly [string, string])[] = [
  ['chosen', 'rejected'],
  ['preferred_output', 'non_preferred_output'],
  ['chosen_response', 'rejected_response'],
  ['preferred', 'dispreferred'],
  ['preferred_output', 'dispreferred_output'],
  ['preferred_response', 'dispreferred_response'],
  ['response_chosen', 'response_rejected'],
  ['chosen_messages', 'rejected_messages'],
  ['messages', 'rejected_messages'],
  ['messages', 'rejected_response'],
  ['chosen_answer', 'rejected_answer'],
  ['accepted', 'rejected'],
  ['better', 'worse'],
  ['y_w', 'y_l'],
  ['response_j', 'response_k'],
];
const PROMPT_NAMES = ['prompt', 'question', 'instruction', 'input', 'query', 'messages', 'conversations'] as const;

/** The likeliest mapping, or null when no two columns are named as answers of which one is preferred. */
export function guess(first: FirstRows): Guess<PreferMapping> | null {
  const { find } = finder(first);
  for (const [better, worse] of SIDES) {
    const chosen = find(better);
    const rejected = find(worse);
    if (!chosen || !rejected) continue;
    const prompt = find(...PROMPT_NAMES.filter((name) => name !== better));
    const columns = { ...(prompt ? { prompt: prompt.name } : {}), chosen: chosen.name, rejected: rejected.name };
    return {
      mapping: { lesson: 'prefer', layout: 'pair', columns: withSystem(columns, find), split: first.split },
      certainty: 1,
    };
  }
  return null;
}
