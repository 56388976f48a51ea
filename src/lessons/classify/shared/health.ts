/** What is worth knowing of labelled texts, in sentences, and what stands in the way of training. */
import { noneUsable, repeatWarnings, rowsOf } from '../../../data/health';
import type { HealthFacts, LessonHealth } from '../../../data/reading';
import { numberWarnings } from './number-health';
import type { ClassifyMapping } from './schema';

/** More classes than this are taken for a mistake in the mapping. */
const MOST_CLASSES = 1000;
const IMBALANCE_WORTH_SAYING = 10;

export const health = (facts: HealthFacts, mapping: ClassifyMapping): LessonHealth => ({
  blocker: blocker(facts, mapping),
  warnings: warnings(facts, mapping),
  imbalance: mapping.task === 'regression' ? null : imbalanceOf(facts),
  emptyTexts: (facts.scan.byProblem.get('empty-text') ?? 0) + (facts.scan.byProblem.get('empty-pair') ?? 0),
});

/** Rows of the largest class over those of the smallest that has any; null where none has. */
function imbalanceOf({ labels }: HealthFacts): number | null {
  const counts = labels.map((label) => label.count).filter((count) => count > 0);
  return counts.length === 0 ? null : counts.reduce((a, b) => Math.max(a, b)) / counts.reduce((a, b) => Math.min(a, b));
}

/** Why training cannot start, the first reason that holds. */
function blocker(facts: HealthFacts, mapping: ClassifyMapping): string | null {
  const { scan, labels, splitRows } = facts;
  const { target } = scan;
  if (mapping.labels.length === 0) return 'There is no label column: a text column and a label column are needed.';
  if (scan.usable === 0) return noneUsable(facts, reasons(mapping));
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

/** What most of the rows are wrong with, after "None of the rows can be used:". */
const reasons = ({ text, textPair, split }: ClassifyMapping): Record<string, string> => ({
  'empty-text': `the texts in \`${text}\` are empty`,
  'empty-pair': `the second texts in \`${textPair}\` are empty`,
  'missing-label': 'the labels are missing',
  'bad-label': 'the labels cannot be read for this task',
  'unknown-split': `\`${split}\` names no known split`,
});

function warnings(facts: HealthFacts, mapping: ClassifyMapping): string[] {
  const { scan } = facts;
  const numbers = scan.target ? numberWarnings(scan.target) : [];
  const found = [...numbers, ...labelWarnings(facts, mapping), ...repeatWarnings(facts)];
  if (scan.structured * 2 > scan.usable)
    found.unshift(
      `Most entries of \`${mapping.text}\` are lists or objects rather than texts: the model would see ` +
        'their brackets and quotes.',
    );
  if (scan.conflicts > 0)
    found.push(
      `${rowsOf(scan.conflicts)} ${scan.conflicts === 1 ? 'has' : 'have'} the text of an earlier row but ` +
        `another ${mapping.task === 'regression' ? 'number' : 'label'}.`,
    );
  return found;
}

function labelWarnings(facts: HealthFacts, mapping: ClassifyMapping): string[] {
  const { labels, scan, splitRows } = facts;
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
  const imbalance = imbalanceOf(facts) ?? 0;
  if (imbalance >= IMBALANCE_WORTH_SAYING)
    warnings.push(
      `The commonest label has ${Math.round(imbalance)} times the rows of the rarest: class weights may help.`,
    );
  return warnings;
}
