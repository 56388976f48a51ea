/** Several columns as one text: a line `name: value` for each that is filled. */

/** The text of a row. `at` are the places of the columns in the order in which they are read. */
export const joinedText = (columns: readonly string[], at: readonly number[], cells: readonly string[]): string =>
  at
    .filter((place) => (cells[place] ?? '').trim() !== '')
    .map((place) => `${columns[place] ?? ''}: ${(cells[place] ?? '').trim()}`)
    .join('\n');

/** The same to be filled in. */
export const template = (columns: readonly string[]): string => columns.map((name) => `${name}: `).join('\n');

/** What was filled in of a template, as rows have it: lines without a value are left out. */
export function filledIn(text: string, columns: readonly string[]): string {
  const empty = new Set(columns.map((name) => `${name}:`));
  return text
    .split('\n')
    .filter((line) => !empty.has(line.trim()))
    .join('\n');
}

const inPython = (name: string): string => JSON.stringify(name).replace(/\u007f/g, '\\u007f');

/** How the text of a row (a dictionary of texts) is made in Python. */
export const joinInPython = (columns: readonly string[]): string =>
  [
    `columns = [${columns.map(inPython).join(', ')}]`,
    'text = "\\n".join(f"{name}: {row[name].strip()}" for name in columns if row[name].strip())',
  ].join('\n');
