/** Names of what is noticed while rows are read, counted over all of them. */
export const MARKS = {
  /** Before the word: the cell is one of the words for no label. */
  noLabel: 'no-label:',
  /** The cell names more than one label. */
  several: 'several',
  /** `1,234`: a thousand and more, or one and a bit. */
  grouped: 'grouped',
  /** The cell shows which mark is the decimal one. */
  decimal: 'decimal',
  /** A number without the unit that others have. */
  bare: 'bare',
  /** The text is a list of words, and the label a list as long. */
  tags: 'tags',
} as const;
