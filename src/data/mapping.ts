/** Guesses which columns mean what, and says a mapping in words. */
import { TabtuneError } from '../base/errors';
import { LANGUAGE_LAYOUTS, isLanguageMapping, mappedColumns } from '../domain/dataset';
import type { ColumnMapping, LabelLayout, LabelMapping, LanguageMapping } from '../domain/dataset';
import type { TaskKind } from '../domain/task';
import { LABEL_NAMES, PAIR_NAMES, SPLIT_NAMES, TEXT_NAMES, profileColumn } from './columns';
import type { ColumnProfile } from './columns';

/** More different whole numbers than this are taken as a measure, not as classes. */
const MOST_NUMBER_CLASSES = 20;

/** The likeliest mapping, from column names and the first rows. `labels` is empty when no column can be a label. */
export function guessMapping(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  decimalComma: boolean,
): LabelMapping {
  const profiles = columns.map((name, index) => profileColumn(name, index, rows, decimalComma));
  const split = findSplit(profiles);
  const free = profiles.filter((profile) => profile !== split);
  const pair = findPair(free);
  const text = pair?.[0] ?? findText(free);
  const rest = free.filter((profile) => profile !== text && profile !== pair?.[1]);
  const labels = findLabels(rest);
  return {
    text: text?.name ?? columns[0] ?? '',
    textPair: pair?.[1].name ?? null,
    split: split?.name ?? null,
    ...labels,
  };
}

function named(profiles: readonly ColumnProfile[], names: readonly string[]): ColumnProfile | undefined {
  for (const name of names) {
    const found = profiles.find((profile) => profile.name.trim().toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
}

function findSplit(profiles: readonly ColumnProfile[]): ColumnProfile | undefined {
  const byName = named(profiles, SPLIT_NAMES);
  if (byName && byName.splits > 0.5) return byName;
  return profiles.length > 2 ? profiles.find((profile) => profile.splits === 1 && profile.distinct > 1) : undefined;
}

function findPair(profiles: readonly ColumnProfile[]): [ColumnProfile, ColumnProfile] | undefined {
  for (const [first, second] of PAIR_NAMES) {
    const a = named(profiles, [first]);
    const b = named(profiles, [second]);
    if (!a || !b || a.numeric > 0.5 || b.numeric > 0.5) continue;
    // "question, answer" is a pair only beside a label; alone, the second column is the label.
    if (profiles.length > 2) return [a, b];
  }
  return undefined;
}

function isProse(profile: ColumnProfile): boolean {
  return profile.filled > 0 && profile.numeric < 0.5 && profile.arrays < 0.5;
}

function findText(profiles: readonly ColumnProfile[]): ColumnProfile | undefined {
  const byName = named(profiles, TEXT_NAMES);
  if (byName && (isProse(byName) || byName.filled === 0)) return byName;
  const label = named(profiles, LABEL_NAMES);
  const candidates = profiles.filter((profile) => isProse(profile) && (profile !== label || profiles.length === 1));
  return (
    candidates.reduce<ColumnProfile | undefined>(
      (best, next) => (!best || next.meanLength > best.meanLength ? next : best),
      undefined,
    ) ?? profiles[0]
  );
}

type LabelGuess = Pick<LabelMapping, 'labels' | 'labelLayout' | 'task'>;

function findLabels(rest: readonly ColumnProfile[]): LabelGuess {
  const byName = named(rest, LABEL_NAMES);
  if (byName) return labelGuess(byName);
  const flags = rest.filter((profile) => profile.filled > 0 && profile.flags === 1);
  if (flags.length > 1)
    return { labels: flags.map((profile) => profile.name), labelLayout: 'one-hot', task: 'multi-label' };
  const filled = rest.filter((profile) => profile.filled > 0 && !/^(id|idx|index|.*_id)$/i.test(profile.name));
  // The column with the fewest different values is the likeliest label; of equals, the last.
  const best = filled.reduce<ColumnProfile | undefined>(
    (found, next) => (!found || repeats(next) >= repeats(found) ? next : found),
    undefined,
  );
  return best ? labelGuess(best) : { labels: [], labelLayout: 'column', task: 'single-label' };
}

function repeats(profile: ColumnProfile): number {
  return 1 - profile.distinct / Math.max(1, profile.filled);
}

function labelGuess(profile: ColumnProfile): LabelGuess {
  const labels = [profile.name];
  const plural = /^(labels|tags|topics|categories|genres)$/i.test(profile.name);
  if (profile.arrays > 0.5 || profile.delimited > (plural ? 0.05 : 0.3))
    return { labels, labelLayout: 'list', task: 'multi-label' };
  const measure =
    profile.numeric > 0.95 && (profile.integers < 0.99 * profile.numeric || profile.distinct > MOST_NUMBER_CLASSES);
  return { labels, labelLayout: 'column', task: measure ? 'regression' : 'single-label' };
}

/** Throws `bad-config` when a mapping does not fit the columns. */
export function checkMapping(mapping: ColumnMapping, columns: readonly string[]): void {
  const used = [...mappedColumns(mapping), ...(mapping.split === null ? [] : [mapping.split])];
  for (const column of used)
    if (!columns.includes(column))
      throw new TabtuneError('bad-config', `There is no column "${column}".`, {
        place: { column },
        fix: `Choose one of: ${columns.join(', ')}.`,
      });
  const repeated = used.find((name, i) => used.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new TabtuneError('bad-config', `The column "${repeated}" is used twice.`, {
      place: { column: repeated },
      fix: 'Give each part a column of its own.',
    });
  if (isLanguageMapping(mapping)) checkLanguage(mapping);
  else checkLabels(mapping);
}

function checkLanguage(mapping: LanguageMapping): void {
  const { task, needs, may } = LANGUAGE_LAYOUTS[mapping.layout];
  const stray = Object.keys(mapping.columns).find((role) => ![...needs, ...may].some((known) => known === role));
  if (task !== mapping.task || stray !== undefined)
    throw new TabtuneError(
      'bad-config',
      `Rows laid out as "${mapping.layout}" do not fit ` +
        `${stray === undefined ? `the task "${mapping.task}"` : `a column for "${stray}"`}.`,
      { fix: `Such rows have ${[...needs, ...may].join(', ')}.` },
    );
}

function checkLabels(mapping: LabelMapping): void {
  const layouts: Record<TaskKind, readonly LabelLayout[]> = {
    'single-label': ['column'],
    'multi-label': ['list', 'one-hot', 'column'],
    regression: ['column'],
  };
  if (!layouts[mapping.task].includes(mapping.labelLayout))
    throw new TabtuneError(
      'bad-config',
      `Labels laid out as "${mapping.labelLayout}" do not fit the task "${mapping.task}".`,
      { fix: `Choose one of: ${layouts[mapping.task].join(', ')}.` },
    );
  if (mapping.labels.length > 1 && mapping.labelLayout !== 'one-hot')
    throw new TabtuneError('bad-config', 'Several label columns need the one-hot layout.', {
      fix: 'Choose one label column, or 0/1 columns.',
    });
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length > 5) return `${quoted.slice(0, 3).join(', ')} and ${quoted.length - 3} more`;
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted[quoted.length - 1]}`;
}

/** The mapping as a sentence, such as "We take `text` as the text and `label` as the label." */
export function mappingInWords(mapping: ColumnMapping): string {
  const split =
    mapping.split === null ? '' : ` \`${mapping.split}\` says which rows are for training, validation and test.`;
  return `We take ${isLanguageMapping(mapping) ? languageWords(mapping) : labelledWords(mapping)}.${split}`;
}

function labelledWords(mapping: LabelMapping): string {
  const texts =
    mapping.textPair === null
      ? `${listed([mapping.text])} as the text`
      : `${listed([mapping.text, mapping.textPair])} as the pair of texts`;
  return `${texts} and ${labelWords(mapping)}`;
}

const ROLE_WORDS = {
  messages: 'the conversation',
  system: 'the system prompt',
  prompt: 'the question',
  input: 'what belongs to it',
  answer: 'the answer to learn',
  text: 'the text to learn to continue',
  chosen: 'the better answer',
  rejected: 'the worse answer',
} as const;

function languageWords(mapping: LanguageMapping): string {
  const { needs, may } = LANGUAGE_LAYOUTS[mapping.layout];
  const order = (['system', 'prompt', 'input', 'messages', 'text', 'answer', 'chosen', 'rejected'] as const).filter(
    (role) => needs.includes(role) || may.includes(role),
  );
  const parts = order.flatMap((role) =>
    mapping.columns[role] === undefined ? [] : [`\`${mapping.columns[role]}\` as ${ROLE_WORDS[role]}`],
  );
  return parts.length < 2
    ? parts.join('') || 'no column yet'
    : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

function labelWords(mapping: LabelMapping): string {
  if (mapping.labels.length === 0) return 'found no column for the label';
  if (mapping.task === 'regression') return `${listed(mapping.labels)} as the number to predict`;
  if (mapping.labelLayout === 'one-hot') return `${listed(mapping.labels)} as labels that are 0 or 1`;
  if (mapping.task === 'multi-label') return `${listed(mapping.labels)} as a list of labels`;
  return `${listed(mapping.labels)} as the label`;
}
