/** Columns that name a row rather than tell of it. */
export const ID_NAME = /^(id|idx|index|.*_id|unnamed: ?\d+|)$/i;
