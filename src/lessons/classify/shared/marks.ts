/** Names of what is noticed while rows are read, counted over all of them. */
export const MARKS = {
  /** Before the word: the cell is one of the words for no label. */
  noLabel: 'no-label:',
  /** The cell names more than one label, and is no list of JSON or Python. */
  several: 'several',
  /** Of several labels that a row may have, it has none. */
  none: 'none',
  /** `1,234`: a thousand and more, or one and a bit. */
  grouped: 'grouped',
  /** The cell shows which mark is the decimal one. */
  decimal: 'decimal',
  /** Before the unit: a number that has another unit than is expected. */
  unit: 'unit:',
  /** The cell is empty. */
  empty: 'empty',
  /** `1.2k`: in thousands or millions. */
  factor: 'factor',
  /** A number without the unit that others have. */
  bare: 'bare',
  /** The text is a list of words, and the label a list as long. */
  tags: 'tags',
} as const;
