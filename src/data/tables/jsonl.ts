/** JSON lines: one value a line; a broken line costs one row, not the file. */
import type { ByteSource } from '../../base/bytes';
import type { RowSink } from '../records';
import { FILE_TYPES } from './file-types';
import type { TableFormat, TableSink } from './format';
import { jsonLayout } from './json';
import { JsonReader, JsonRows } from './json-reader';
import { LineReader } from './lines';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

export const jsonLines: TableFormat<TextFound> = {
  id: 'jsonl',
  name: 'JSON Lines, one object a line',
  fileTypes: FILE_TYPES.jsonl,
  detect: async (head) =>
    head.text && (await jsonLayout(head)) === 'lines'
      ? { format: 'jsonl', encoding: head.text.encoding, decimalComma: false, wishes: head.wishes }
      : null,
  read: readLines,
  words: encodingInWords,
};

/** Where lines are broken, objects that do not keep to lines are tried; the reading with fewer broken rows is taken. */
async function readLines(source: ByteSource, sink: TableSink, found: TextFound): Promise<TextFound | null> {
  const reader = new JsonLinesReader({ file: source.name }, sink);
  const encoding = await readText(source, sink, found, reader);
  if (encoding) return { ...found, encoding };
  if (reader.broken === 0) return null;
  let broken = 0;
  const judge: TableSink = {
    row: (_, trouble) => void (broken += trouble ? 1 : 0),
    column: () => 0,
    warn: () => undefined,
    progress: (done) => sink.progress(done),
  };
  const read = await readText(
    source,
    judge,
    found,
    new JsonReader({ file: source.name, layout: 'sequence' }, judge),
  ).then(
    () => true,
    () => false,
  );
  await sink.progress(source.size);
  return read && broken < reader.broken ? { ...found, format: 'json', layout: 'sequence' } : null;
}

/** A row for each line that is not blank. */
export class JsonLinesReader extends LineReader {
  /** Lines that made no row. */
  broken = 0;

  constructor({ file }: { file: string }, sink: RowSink) {
    const rows = new JsonRows({
      row: (cells, trouble) => {
        if (trouble) this.broken++;
        sink.row(cells, trouble);
      },
      column: (name) => sink.column(name),
      warn: (message) => sink.warn(message),
    });
    const take = (line: string, number: number): void => {
      if (line.trim() !== '') rows.text(line, number);
    };
    super(file, take, () => rows.end(), 'Put each object on a line of its own.');
  }
}
