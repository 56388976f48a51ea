/** Guesses which columns are text and label, from their names and the first rows. */
import { LABEL_NAMES, PAIR_NAMES, TEXT_NAMES } from '../../../data/columns';
import type { ColumnProfile } from '../../../data/reading';
import type { FirstRows } from '../../../data/reading';
import type { Guess } from '../../contract';
import type { ClassifyMapping } from './schema';

/** More different whole numbers than this are taken as a measure, not as classes. */
const MOST_NUMBER_CLASSES = 20;

/** The likeliest mapping. `labels` is empty when no column can be a label. */
export function guess({ columns, profiles, split: given }: FirstRows): Guess<ClassifyMapping> {
  const split = profiles.find(({ name }) => name === given) ?? findSplit(profiles);
  const free = profiles.filter((profile) => profile !== split);
  const pair = findPair(free);
  const text = pair?.[0] ?? findText(free);
  const rest = free.filter((profile) => profile !== text && profile !== pair?.[1]);
  const mapping: ClassifyMapping = {
    lesson: 'classify',
    text: text?.name ?? columns[0] ?? '',
    textPair: pair?.[1].name ?? null,
    split: split?.name ?? null,
    ...findLabels(rest),
  };
  // Nearly every table can be read so: what says more of itself goes before.
  return { mapping, certainty: mapping.labels.length > 0 ? 0.5 : 0.1 };
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
  const candidates = profiles.filter((profile) => isProse(profile) && (profile !== label || profiles.length === 1));
  return (
    candidates.reduce<ColumnProfile | undefined>(
      (best, next) => (!best || next.meanLength > best.meanLength ? next : best),
      undefined,
    ) ?? profiles[0]
  );
}

type LabelGuess = Pick<ClassifyMapping, 'labels' | 'labelLayout' | 'task'>;

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
