/** What is worth knowing of rows for a decoder, in sentences, and what stands in the way of training. */
import type { LanguageMapping, RowProblem } from '../domain/dataset';
import { LANGUAGE_LAYOUTS } from '../domain/dataset';
import type { HealthFacts } from './health';
import { rowsOf } from './health';

/** What most of the rows are wrong with, after "None of the rows can be used:". */
const REASONS: Partial<Record<RowProblem, string>> = {
  'empty-text': 'the texts are empty',
  'empty-prompt': 'the questions are empty',
  'empty-answer': 'the answers are empty',
  'bad-messages': 'the messages cannot be read',
  'bad-roles': 'the roles do not take turns as user and assistant',
  'equal-sides': 'the chosen and the rejected answers are the same',
  ragged: 'the rows have another number of cells than the header',
  malformed: 'the rows are malformed',
  'unknown-split': 'the split column names no known split',
};

/** Why training cannot start, or null. */
export function languageBlocker({ scan, rows, splitRows }: HealthFacts, mapping: LanguageMapping): string | null {
  const missing = LANGUAGE_LAYOUTS[mapping.layout].needs.filter((role) => mapping.columns[role] === undefined);
  if (missing.length > 0) return `No column is chosen for: ${missing.join(', ')}.`;
  if (scan.usable === 0) {
    const [problem] = (Object.entries(scan.byProblem) as [RowProblem, number][]).sort(([, a], [, b]) => b - a)[0] ?? [
      'malformed' as const,
    ];
    return `None of the ${rowsOf(rows)} can be used: ${REASONS[problem] ?? problem}.`;
  }
  return splitRows.train < 1 ? 'No row is left for training.' : null;
}

/** Sentences about repeats and contradictions; `text` of rows that end alike is no contradiction. */
export function languageWarnings({ scan, leaks }: HealthFacts): string[] {
  const warnings: string[] = [];
  if (leaks > 0)
    warnings.push(
      `${rowsOf(leaks)} held out for validation or test also ${leaks === 1 ? 'occurs' : 'occur'} in the ` +
        'training rows, which flatters the result: leave out repeats.',
    );
  else if (scan.duplicates.count > 0)
    warnings.push(
      `${rowsOf(scan.duplicates.count)} ${scan.duplicates.count === 1 ? 'repeats' : 'repeat'} an earlier one exactly.`,
    );
  if (scan.conflicts > 0)
    warnings.push(
      `${rowsOf(scan.conflicts)} ${scan.conflicts === 1 ? 'asks' : 'ask'} what an earlier one asks but ` +
        `${scan.conflicts === 1 ? 'answers' : 'answer'} differently.`,
    );
  return warnings;
}
