/** Labels that are one label written in several ways. */

/** Labels by name with their rows. */
export type Counts = ReadonlyMap<string, number>;

/** How many labels are looked at: columns with more hold no labels. */
const MOST_LABELS = 5000;
/** Characters of a label that is compared with others. */
const LONGEST = 200;

/** What stays the same when a label is written in another case, with other blanks or in another Unicode form. */
const plainForm = (label: string): string =>
  label
    .normalize('NFKC')
    // Capitals first: some letters (`ß`, the `ς` at the end of Greek words) are told apart only when they are small.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\s_]+/g, ' ')
    .trim();

/** `1.0` and `+1` as `1`; anything but a whole number stays, and so does `007`. Digits are never counted with. */
function wholeNumber(label: string): string {
  const [, sign = '', digits] = /^([+-]?)(0|[1-9]\d*)(?:[.,]0+|\.)?$/.exec(label) ?? [];
  return digits === undefined ? label : `${sign === '-' && digits !== '0' ? '-' : ''}${digits}`;
}

/** Groups of two and more labels that have the same form, each with its commonest spelling first. */
function groupsBy(labels: Counts, form: (label: string) => string): string[][] {
  if (labels.size > MOST_LABELS) return [];
  const groups = new Map<string, string[]>();
  for (const label of labels.keys()) {
    if (label.length > LONGEST) continue;
    const group = groups.get(form(label));
    if (group) group.push(label);
    else groups.set(form(label), [label]);
  }
  const rows = (label: string): number => labels.get(label) ?? 0;
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort((a, b) => rows(b) - rows(a) || a.length - b.length || (a < b ? -1 : 1)));
}

/** Labels that differ in case, blanks, Unicode form or in how a number is written. */
export const variants = (labels: Counts): string[][] => groupsBy(labels, (label) => wholeNumber(plainForm(label)));

/** Under which name each spelling of a group counts: under the first. */
export const merging = (groups: readonly (readonly string[])[]): Record<string, string> =>
  Object.fromEntries(groups.flatMap(([first, ...others]) => others.map((label) => [label, first ?? label])));

/** `0.0` counts as `0` where both occur: pandas reads such a column as numbers. */
export const sameNumbers = (labels: Counts): Record<string, string> =>
  merging(
    groupsBy(labels, wholeNumber).map((group) => group.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))),
  );

/** The name that a label counts under. */
export function countsAs(merged: Readonly<Record<string, string>>): (label: string) => string {
  const names = new Map(Object.entries(merged));
  return (label) => names.get(label) ?? label;
}
