/** Corrections of a model's answers, "this is wrong, it should be …": each is a preference row to learn from later. */
import type { ChatMessage } from './conversation';

export interface Correction {
  /** The turns up to the question, the question included. */
  prompt: readonly ChatMessage[];
  /** What the answer should have been. */
  chosen: string;
  /** What the model said. */
  rejected: string;
}

/** Why this is no correction, or null when it is one. */
export function correctionProblem({ chosen, rejected }: Pick<Correction, 'chosen' | 'rejected'>): string | null {
  if (chosen.trim() === '') return 'Write what the answer should have been.';
  return chosen.trim() === rejected.trim() ? 'This is what the model said: change it.' : null;
}

/** JSON lines in TRL's conversational layout, which the data step and TRL's `DPOTrainer` read. */
export function correctionsJsonl(corrections: readonly Correction[]): string {
  const turn = (content: string): ChatMessage[] => [{ role: 'assistant', content }];
  return corrections
    .map(
      ({ prompt, chosen, rejected }) =>
        `${JSON.stringify({ prompt, chosen: turn(chosen), rejected: turn(rejected) })}\n`,
    )
    .join('');
}
