/** Words that stand where there is no label. */

/** What pandas reads as missing unless told otherwise (`pandas._libs.parsers.STR_NA_VALUES`), the empty cell aside. */
export const MISSING_WORDS: readonly string[] = [
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
];

/** What may mean the same, but is a label until a person says so. */
const MAYBE_MISSING =
  /^(-+|–|—|\?+|\.+|_+|none|null|nil|nan|na|n\.a\.?|n\/a|missing|undefined|(no|without) label|unlabell?ed|not labell?ed)$/i;

export const maybeMissing = (label: string): boolean => MISSING_WORDS.includes(label) || MAYBE_MISSING.test(label);
