/**
 * Turns what the pass over the rows found into words: warnings worth knowing, and what stands in the way of training.
 */
import { isLanguageMapping } from '../domain/dataset';
import type { ColumnMapping, DatasetHealth, LabelCount, LabelMapping, SplitConfig } from '../domain/dataset';
import type { SplitName } from '../domain/task';
import { languageBlocker, languageWarnings } from './language-health';
import type { Scan } from './scan';

/** More classes than this are taken for a mistake in the mapping. */
const MOST_CLASSES = 1000;
/** Texts of more characters than this are cut by every encoder that is offered. */
const LONG_CHARACTERS = 4000;
const IMBALANCE_WORTH_SAYING = 10;

/** Everything that the sentences are made of. */
export interface HealthFacts {
  rows: number;
  scan: Scan;
  mapping: ColumnMapping;
  split: SplitConfig;
  splitFromColumn: boolean;
  splitRows: Record<SplitName, number>;
  labels: readonly LabelCount[];
  /** Validation and test rows whose text and label also occur in the training rows. */
  leaks: number;
  /** What reading the file had to say. */
  readWarnings: readonly string[];
}

/** A count with its noun: "1 row", "2 rows". */
export function rowsOf(count: number, what = 'row'): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** The health of a data set under its mapping and split. */
export function describeHealth(facts: HealthFacts): DatasetHealth {
  const { scan, labels, mapping } = facts;
  const counts = labels.map((label) => label.count).filter((count) => count > 0);
  return {
    duplicates: scan.duplicates.count,
    conflicts: scan.conflicts,
    emptyTexts: (scan.byProblem['empty-text'] ?? 0) + (scan.byProblem['empty-pair'] ?? 0),
    imbalance:
      mapping.task === 'regression' || isLanguageMapping(mapping) || counts.length === 0
        ? null
        : counts.reduce((a, b) => Math.max(a, b)) / counts.reduce((a, b) => Math.min(a, b)),
    singletonLabels: labels.filter((label) => label.count === 1).map((label) => label.name),
    longestCharacters: scan.longestCharacters,
    meanCharacters: scan.usable === 0 ? 0 : scan.totalCharacters / scan.usable,
    warnings: findWarnings(facts),
    blocker: findBlocker(facts),
  };
}

/** Why training cannot start, the first reason that holds. */
function findBlocker(facts: HealthFacts): string | null {
  const { mapping } = facts;
  const blocker = isLanguageMapping(mapping) ? languageBlocker(facts, mapping) : labelBlocker(facts, mapping);
  if (blocker !== null || facts.splitFromColumn) return blocker;
  for (const part of ['validation', 'test'] as const)
    if (facts.split[part] > 0 && facts.splitRows[part] === 0)
      return (
        `${rowsOf(facts.scan.usable, 'usable row')} ${facts.scan.usable === 1 ? 'is' : 'are'} too few: none ` +
        `is left for ${part}. Add rows, or set that share to nothing under Split.`
      );
  return null;
}

function labelBlocker(facts: HealthFacts, mapping: LabelMapping): string | null {
  const { scan, labels, splitRows } = facts;
  const { target } = scan;
  if (mapping.labels.length === 0) return 'There is no label column: a text column and a label column are needed.';
  if (scan.usable === 0) return `None of the ${rowsOf(facts.rows)} can be used: ${mostCommonProblem(facts, mapping)}.`;
  if (mapping.task !== 'regression') {
    const many = scan.labels.overflow
      ? `More than ${labels.length.toLocaleString('en')}`
      : labels.length.toLocaleString('en');
    if (labels.length > MOST_CLASSES)
      return (
        `${many} different labels: \`${mapping.labels[0]}\` is probably not the label column. Up to ` +
        `${MOST_CLASSES.toLocaleString('en')} are supported.`
      );
    if (mapping.task === 'single-label' && labels.length < 2)
      return (
        `Every usable row has the same label, "${labels[0]?.name ?? ''}": there is nothing to tell apart. At ` +
        'least two labels are needed.'
      );
    if (labels.every((label) => label.count === 0)) return 'No row carries any label.';
  } else if (target && target.min === target.max)
    return `Every usable row has the same number, ${target.min}: there is nothing to learn.`;
  return splitRows.train < 2
    ? `Only ${rowsOf(splitRows.train)} for training: at least 2 are needed, and a few dozen a label to learn something.`
    : null;
}

function mostCommonProblem({ scan }: HealthFacts, mapping: LabelMapping): string {
  const [problem] = Object.entries(scan.byProblem).sort(([, a], [, b]) => b - a)[0] ?? ['malformed'];
  const reasons: Record<string, string> = {
    'empty-text': `the texts in \`${mapping.text}\` are empty`,
    'empty-pair': `the second texts in \`${mapping.textPair}\` are empty`,
    'missing-label': 'the labels are missing',
    'bad-label': 'the labels cannot be read for this task',
    ragged: 'the rows have another number of cells than the header',
    malformed: 'the rows are malformed',
    'unknown-split': `\`${mapping.split}\` names no known split`,
  };
  return reasons[problem] ?? problem;
}

/** Sentences, the most important first. */
function findWarnings(facts: HealthFacts): string[] {
  const { scan, mapping } = facts;
  const unusable = facts.rows - scan.usable;
  const warnings = [...facts.readWarnings];
  if (unusable > 0)
    warnings.push(
      `${rowsOf(unusable)} of ${facts.rows.toLocaleString('en')} cannot be used and ` +
        `${unusable === 1 ? 'is' : 'are'} left out.`,
    );
  warnings.push(
    ...splitWarnings(facts),
    ...(isLanguageMapping(mapping) ? languageWarnings(facts) : labelledWarnings(facts, mapping)),
  );
  if (scan.longestCharacters > LONG_CHARACTERS)
    warnings.push(
      `The longest text has ${scan.longestCharacters.toLocaleString('en')} characters; what goes beyond the ` +
        'length limit of the model is cut.',
    );
  return warnings;
}

/** What only labelled texts can be wrong with. */
function labelledWarnings(facts: HealthFacts, mapping: LabelMapping): string[] {
  const { scan } = facts;
  const warnings = labelWarnings(facts, mapping);
  if (scan.structured * 2 > scan.usable)
    warnings.unshift(
      `Most entries of \`${mapping.text}\` are lists or objects rather than texts: the model would see ` +
        'their brackets and quotes.',
    );
  if (facts.leaks > 0)
    warnings.push(
      `${rowsOf(facts.leaks)} held out for validation or test also ` +
        `${facts.leaks === 1 ? 'occurs' : 'occur'} in the training rows, which flatters the result: leave out ` +
        'repeats.',
    );
  else if (scan.duplicates.count > 0)
    warnings.push(
      `${rowsOf(scan.duplicates.count)} ${scan.duplicates.count === 1 ? 'repeats' : 'repeat'} an earlier one exactly.`,
    );
  if (scan.conflicts > 0)
    warnings.push(
      `${rowsOf(scan.conflicts)} ${scan.conflicts === 1 ? 'has' : 'have'} the text of an earlier row but ` +
        `another ${mapping.task === 'regression' ? 'number' : 'label'}.`,
    );
  return warnings;
}

function splitWarnings({ splitFromColumn, splitRows, mapping, scan }: HealthFacts): string[] {
  if (scan.usable === 0) return [];
  const warnings: string[] = [];
  if (splitFromColumn && splitRows.validation === 0)
    warnings.push(`\`${mapping.split}\` names no validation rows: training goes on without a validation result.`);
  if (splitFromColumn && splitRows.test === 0)
    warnings.push(`\`${mapping.split}\` names no test rows: there is nothing to evaluate the result on.`);
  if (!splitFromColumn && splitRows.test === 0)
    warnings.push('No rows are kept for the test: there is nothing to evaluate the result on.');
  if (scan.usable < 50) warnings.push(`Only ${rowsOf(scan.usable, 'usable row')}: the result will be a rough sketch.`);
  return warnings;
}

function labelWarnings({ labels, scan, splitRows }: HealthFacts, mapping: LabelMapping): string[] {
  if (mapping.task === 'regression' || labels.length === 0) return [];
  const warnings: string[] = [];
  const quoted = (names: readonly string[]): string =>
    `${names
      .slice(0, 3)
      .map((name) => `"${name}"`)
      .join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  if (labels.length > 50 && labels.length * 2 > scan.usable && mapping.task === 'single-label')
    warnings.push(
      `There are ${labels.length.toLocaleString('en')} labels for ${rowsOf(scan.usable)}: ` +
        `\`${mapping.labels[0]}\` may not be the label column.`,
    );
  const empty = labels.filter((label) => label.count === 0).map((label) => label.name);
  if (empty.length > 0) warnings.push(`No row carries ${quoted(empty)}: that cannot be learned.`);
  const untrained = labels.filter((label) => label.bySplit.train === 0 && label.count > 0).map((label) => label.name);
  if (untrained.length > 0 && splitRows.train > 0)
    warnings.push(`No training row carries ${quoted(untrained)}: that cannot be learned.`);
  const single = labels.filter((label) => label.count === 1).map((label) => label.name);
  if (single.length > 0)
    warnings.push(
      `${single.length === 1 ? 'One label occurs' : `${single.length.toLocaleString('en')} labels occur`} ` +
        `on one row only (${quoted(single)}): it cannot be tested.`,
    );
  const counts = labels.map((label) => label.count).filter((count) => count > 0);
  const imbalance = counts.reduce((a, b) => Math.max(a, b), 0) / counts.reduce((a, b) => Math.min(a, b), Infinity);
  if (imbalance >= IMBALANCE_WORTH_SAYING)
    warnings.push(
      `The commonest label has ${Math.round(imbalance)} times the rows of the rarest: class weights may help.`,
    );
  return warnings;
}
