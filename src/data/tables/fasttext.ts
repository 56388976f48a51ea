/** fastText's lines: `__label__food a text`, with one label or several, anywhere in the line. */
import { must } from '../../base/assert';
import type { RowSink } from '../records';
import { FILE_TYPES } from './file-types';
import type { TableFormat } from './format';
import { LineReader } from './lines';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

const PREFIX = '__label__';
/** Share of the first lines that have to hold a label. */
const LABELLED = 0.9;

export const fastText: TableFormat<TextFound> = {
  id: 'fasttext',
  name: 'fastText lines, each with its labels',
  fileTypes: FILE_TYPES.fasttext,
  detect: ({ text, whole, wishes }) =>
    text && isFastText(text.sample, whole)
      ? { format: 'fasttext', encoding: text.encoding, decimalComma: false, wishes }
      : null,
  async read(source, sink, found) {
    const encoding = await readText(source, sink, found, fastTextReader(source.name, sink));
    return encoding && { ...found, encoding };
  },
  words: encodingInWords,
};

const labelled = (line: string): boolean => /(^|\s)__label__\S/.test(line);

function isFastText(sample: string, whole: boolean): boolean {
  const lines = sample.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  const complete = whole || lines.length < 2 ? lines : lines.slice(0, -1);
  // A table with such labels in a column of its own has a delimiter before each.
  const first = complete.slice(0, 200);
  const begin = first.filter((line) => line.trimStart().startsWith(PREFIX)).length;
  return first.length > 0 && begin >= 0.5 * first.length && first.filter(labelled).length >= LABELLED * first.length;
}

/** A row for each line; one label is given as it is, several as a JSON list. */
export function fastTextReader(file: string, sink: RowSink): LineReader {
  sink.column('text');
  sink.column('label');
  let unlabelled = 0;
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const words = line.split(/(\s+)/);
    const labels = words.filter((word) => word.startsWith(PREFIX)).map((word) => word.slice(PREFIX.length));
    if (labels.length === 0) unlabelled++;
    sink.row([textOf(words), labels.length > 1 ? JSON.stringify(labels) : (labels[0] ?? '')]);
  };
  const end = (): void => {
    if (unlabelled > 0)
      sink.warn(`${unlabelled.toLocaleString('en')} ${unlabelled === 1 ? 'line has' : 'lines have'} no label.`);
  };
  return new LineReader(file, take, end);
}

/** What is left of words and the blanks between them without the labels and one blank beside each. */
function textOf(words: readonly string[]): string {
  let text = '';
  for (let i = 0; i < words.length; i++) {
    if (must(words[i]).startsWith(PREFIX)) i++;
    else text += words[i] ?? '';
  }
  return text.trim();
}
