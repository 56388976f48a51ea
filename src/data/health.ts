/**
 * Turns what the pass over the rows found into words: warnings worth knowing, and what stands in the way of training.
 * What depends on what is learned, the lesson says.
 */
import type { DatasetHealth } from '../domain/dataset';
import type { HealthFacts, LessonHealth } from './reading';

/** Texts of more characters than this are cut by every encoder that is offered. */
const LONG_CHARACTERS = 4000;

/** A count with its noun: "1 row", "2 rows". */
export function rowsOf(count: number, what = 'row'): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/**
 * The health of a data set under its mapping and split.
 * @param lesson what the lesson has to say of it
 * @param read what reading the file had to say
 */
export function describeHealth(
  facts: HealthFacts,
  lesson: LessonHealth,
  splitColumn: string | null,
  read: readonly string[],
): DatasetHealth {
  const { scan, labels } = facts;
  return {
    duplicates: scan.duplicates.count,
    conflicts: scan.conflicts,
    emptyTexts: lesson.emptyTexts,
    imbalance: lesson.imbalance,
    singletonLabels: labels.filter((label) => label.count === 1).map((label) => label.name),
    longestCharacters: scan.longestCharacters,
    meanCharacters: scan.usable === 0 ? 0 : scan.totalCharacters / scan.usable,
    warnings: [
      ...read,
      ...unusableWarnings(facts),
      ...splitWarnings(facts, splitColumn),
      ...lesson.warnings,
      ...longWarnings(facts),
    ],
    findings: lesson.findings ?? [],
    blocker: lesson.blocker ?? splitBlocker(facts),
  };
}

/** Why the shares of the split leave too little, or null. */
function splitBlocker({ splitFromColumn, split, splitRows, scan }: HealthFacts): string | null {
  if (splitFromColumn) return null;
  for (const part of ['validation', 'test'] as const)
    if (split[part] > 0 && splitRows[part] === 0)
      return (
        `${rowsOf(scan.usable, 'usable row')} ${scan.usable === 1 ? 'is' : 'are'} too few: none ` +
        `is left for ${part}. Add rows, or set that share to nothing under Split.`
      );
  return null;
}

/**
 * "None of the 12 rows can be used: the texts are empty.", by the problem that most of them have.
 * @param reasons the lesson's, by problem
 */
export function noneUsable({ rows, scan }: HealthFacts, reasons: Readonly<Record<string, string>>): string {
  const [problem] = [...scan.byProblem].sort(([, a], [, b]) => b - a)[0] ?? ['malformed'];
  const known: Record<string, string> = {
    ragged: 'the rows have another number of cells than the header',
    malformed: 'the rows are malformed',
    ...reasons,
  };
  return `None of the ${rowsOf(rows)} can be used: ${known[problem] ?? problem}.`;
}

/** Sentences about rows that repeat others. */
export function repeatWarnings({ leaks, scan }: HealthFacts): string[] {
  const { count } = scan.duplicates;
  if (leaks > 0)
    return [
      `${rowsOf(leaks)} held out for validation or test also ${leaks === 1 ? 'occurs' : 'occur'} in the ` +
        'training rows, which flatters the result: leave out repeats.',
    ];
  return count > 0 ? [`${rowsOf(count)} ${count === 1 ? 'repeats' : 'repeat'} an earlier one exactly.`] : [];
}

function unusableWarnings({ rows, scan }: HealthFacts): string[] {
  const unusable = rows - scan.usable;
  if (unusable === 0) return [];
  return [
    `${rowsOf(unusable)} of ${rows.toLocaleString('en')} cannot be used and ` +
      `${unusable === 1 ? 'is' : 'are'} left out.`,
  ];
}

function longWarnings({ scan }: HealthFacts): string[] {
  if (scan.longestCharacters <= LONG_CHARACTERS) return [];
  return [
    `The longest text has ${scan.longestCharacters.toLocaleString('en')} characters; what goes beyond the ` +
      'length limit of the model is cut.',
  ];
}

function splitWarnings({ splitFromColumn, splitRows, scan }: HealthFacts, column: string | null): string[] {
  if (scan.usable === 0) return [];
  const warnings: string[] = [];
  if (splitFromColumn && splitRows.validation === 0)
    warnings.push(`\`${column}\` names no validation rows: training goes on without a validation result.`);
  if (splitFromColumn && splitRows.test === 0)
    warnings.push(`\`${column}\` names no test rows: there is nothing to evaluate the result on.`);
  if (!splitFromColumn && splitRows.test === 0)
    warnings.push('No rows are kept for the test: there is nothing to evaluate the result on.');
  if (scan.usable < 50) warnings.push(`Only ${rowsOf(scan.usable, 'usable row')}: the result will be a rough sketch.`);
  return warnings;
}
