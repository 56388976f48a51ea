/** Folders of texts: each file is a row, its folder the label. */
import { bytesSource, sha256Hex } from '../../base/bytes';
import type { ReadWishes, TextEncodingName } from '../../domain/dataset';
import type { ImportedRows } from '../import';
import { noRows } from '../import';
import type { LeftOut, PlacedFile, SeveralFiles } from './files';
import { groupLeftOut } from './files';
import { FilesHash } from './into-stores';
import type { Reading } from './into-stores';
import { count, leftOutWords, nameOf } from './words';
import { wholeText } from './whole-text';

export interface Texts {
  several: SeveralFiles;
  files: readonly PlacedFile[];
  left: readonly LeftOut[];
  wishes: ReadWishes;
}

/** Files whose warnings are told one by one. */
const WARNED = 5;

/** Columns are `text`, `label`, `split` where folders name splits, and `file`. Throws as reading a file does. */
export async function readTexts({ several, files, left, wishes }: Texts, reading: Reading): Promise<ImportedRows> {
  const { sink, writer } = reading;
  const divided = files.some(({ split }) => split === 'train') && files.some(({ split }) => split !== 'train');
  for (const name of ['text', 'label', ...(divided ? ['split'] : []), 'file']) sink.column(name);
  const hash = new FilesHash();
  const out = [...left];
  const warned: string[] = [];
  let encoding: TextEncodingName | null = null;
  let unlabelled = 0;
  for (const file of files) {
    reading.next(file);
    const bytes = await file.source.read(0, file.source.size);
    const read = await wholeText(bytesSource(file.path, bytes), reading.pause, wishes);
    await reading.progress(bytes.length);
    if (read === null) {
      out.push({ path: file.path, why: 'binary files' });
      continue;
    }
    hash.add(file.name, await sha256Hex(new Uint8Array(bytes)));
    if (file.label === '') unlabelled++;
    encoding ??= read.encoding;
    warned.push(...read.warnings.map((warning) => `${file.name}: ${warning}`));
    sink.row([read.text, file.label ?? '', ...(divided ? [file.split ?? 'train'] : []), file.name]);
  }
  writer.finish();
  if (sink.readable === 0) throw noRows(files[0]?.path ?? '', sink);
  const leftOut = groupLeftOut(out);
  const how = { ...(encoding && { encoding }), ...(Object.keys(wishes).length && { wishes }) };
  return {
    name: nameOf(several, files),
    bytes: files.reduce((sum, { source }) => sum + source.size, 0),
    source: { format: 'files', kind: 'texts', decimalComma: false, texts: writer.count, leftOut, ...how },
    columns: sink.columns,
    rows: writer.count,
    sha256: hash.hex(),
    warnings: [
      ...(unlabelled
        ? [`${count(unlabelled, 'text')} in a folder for texts without a label: none is given to them.`]
        : []),
      ...warned.slice(0, WARNED),
      ...(warned.length > WARNED ? [`The like holds for ${count(warned.length - WARNED, 'more file')}.`] : []),
      ...leftOutWords(leftOut),
    ],
    splitColumn: divided ? 'split' : undefined,
    fileColumn: 'file',
  };
}
