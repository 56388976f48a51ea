/** Guesses which columns are text and label, from their names and the first rows. */
import { LABEL_NAMES, PAIR_NAMES, TEXT_NAMES } from '../../../data/columns';
import type { ColumnProfile } from '../../../data/reading';
import type { FirstRows } from '../../../data/reading';
import type { Guess } from '../../contract';
import { ID_NAME } from './columns-named';
import { UNKNOWN, guessLabels } from './label-guess';
import type { LabelGuess } from './label-guess';
import type { ClassifyMapping } from './schema';
import { isTagged } from './tagged';

/** Names of what tables without texts tell, beside the usual ones of labels. */
const OUTCOME_NAMES = ['survived', 'outcome', 'default', 'churn', 'species', 'diagnosis', 'quality', 'approved'];
/** More columns than this make no text. */
const MOST_JOINED = 100;

/** The likeliest mapping. `labels` is empty when no column can be a label. */
export function guess(first: FirstRows): Guess<ClassifyMapping> {
  const { columns, profiles, split: given } = first;
  const split = profiles.find(({ name }) => name === given) ?? findSplit(profiles);
  const free = profiles.filter((profile) => profile !== split);
  const pair = findPair(free);
  const features = pair ? null : withoutText(free);
  const text = pair?.[0] ?? features?.columns[0] ?? findText(free);
  const rest = free.filter((profile) => profile !== text && profile !== pair?.[1]);
  const mapping: ClassifyMapping = {
    lesson: 'classify',
    text: text?.name ?? columns[0] ?? '',
    textPair: pair?.[1].name ?? null,
    joined: features?.columns.slice(1).map(({ name }) => name) ?? [],
    split: split?.name ?? null,
    ...(features ? guessLabels(first, features.label.name) : findLabels(first, rest)),
  };
  // Words with tags are no text to go on with; why they are refused is said here.
  if (mapping.labels.length === 0 && tagged(first, text)) return { mapping, certainty: 0.95 };
  // Nearly every table can be read so: what says more of itself goes before.
  return { mapping, certainty: mapping.labels.length > 0 ? 0.5 : 0.1 };
}

/** Whether most cells of the text are words with a tag each. */
function tagged({ rows }: FirstRows, text: ColumnProfile | undefined): boolean {
  const cells = rows.map((row) => row[text?.index ?? 0] ?? '').filter((cell) => cell.trim() !== '');
  return cells.length > 0 && cells.filter(isTagged).length * 2 > cells.length;
}

/** A table whose columns are short values rather than texts: all of them tell of the row, but the label. */
function withoutText(profiles: readonly ColumnProfile[]): { columns: ColumnProfile[]; label: ColumnProfile } | null {
  const telling = profiles.filter((profile) => profile.filled > 0 && profile.distinct > 1 && !isId(profile));
  if (telling.length < 3 || profiles.some((profile) => isText(profile, telling.length))) return null;
  const label = named(telling, [...OUTCOME_NAMES, ...LABEL_NAMES]) ?? telling[telling.length - 1];
  if (!label) return null;
  return { columns: telling.filter((profile) => profile !== label).slice(0, MOST_JOINED), label };
}

/** Named so, or whole numbers of which each occurs once and that stand first. */
const isId = ({ name, index, distinct, filled, integers }: ColumnProfile): boolean =>
  ID_NAME.test(name.trim()) || (index === 0 && filled > 20 && distinct === filled && integers === 1);

/** Whether a column holds texts: it says so, or its cells are long and differ. */
function isText(profile: ColumnProfile, columns: number): boolean {
  if (!isProse(profile)) return false;
  const few = profile.filled >= 50 && profile.distinct * 10 < profile.filled;
  if (TEXT_NAMES.some((name) => name === profile.name.trim().toLowerCase())) return columns < 4 || !few;
  return profile.distinct * 2 > profile.filled && (profile.words >= 5 || profile.meanLength >= 40);
}

function named(profiles: readonly ColumnProfile[], names: readonly string[]): ColumnProfile | undefined {
  for (const name of names) {
    const found = profiles.find((profile) => profile.name.trim().toLowerCase() === name);
    if (found) return found;
  }
  return undefined;
}

/** A column of other than the usual names whose every cell names a split. */
function findSplit(profiles: readonly ColumnProfile[]): ColumnProfile | undefined {
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
  const candidates = profiles.filter((profile) => profile.filled > 0 && (profile !== label || profiles.length === 1));
  const prose = candidates.filter((profile) => isProse(profile) && !ID_NAME.test(profile.name.trim()));
  const lists = candidates.filter((profile) => profile.arrays >= 0.5);
  return longest(prose) ?? longest(lists) ?? longest(candidates.filter(isProse)) ?? profiles[0];
}

/** Long and different cells are texts; of a word and its kind, the word is. */
function longest(profiles: readonly ColumnProfile[]): ColumnProfile | undefined {
  const weight = ({ meanLength, distinct, filled }: ColumnProfile): number => (meanLength * distinct) / filled;
  return profiles.reduce<ColumnProfile | undefined>(
    (best, next) => (!best || weight(next) > weight(best) ? next : best),
    undefined,
  );
}

function findLabels(first: FirstRows, rest: readonly ColumnProfile[]): LabelGuess {
  const byName = named(rest, LABEL_NAMES);
  if (byName) return guessLabels(first, byName.name);
  const flags = rest.filter((profile) => profile.filled > 0 && profile.flags === 1);
  if (flags.length > 1)
    return { ...UNKNOWN, labels: flags.map((profile) => profile.name), labelLayout: 'one-hot', task: 'multi-label' };
  const filled = rest.filter((profile) => profile.filled > 0 && !ID_NAME.test(profile.name));
  // The column with the fewest different values is the likeliest label; of equals, the last.
  const best = filled.reduce<ColumnProfile | undefined>(
    (found, next) => (!found || repeats(next) >= repeats(found) ? next : found),
    undefined,
  );
  return best ? guessLabels(first, best.name) : { ...UNKNOWN, labels: [] };
}

function repeats(profile: ColumnProfile): number {
  return 1 - profile.distinct / Math.max(1, profile.filled);
}
