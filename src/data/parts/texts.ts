/** Folders of texts: each file is a row, its folder the label. */
import { bytesSource } from '../../base/bytes';
import { sha256Hex } from '../../base/bytes';
import type { ImportedRows } from '../import';
import { noRows } from '../import';
import type { LeftOut, PlacedFile, SeveralFiles } from './files';
import { groupLeftOut } from './files';
import { FilesHash } from './into-stores';
import type { Reading } from './into-stores';
import { leftOutWords, nameOf } from './words';
import { wholeText } from './whole-text';

/** Columns are `text`, `label`, `split` where folders name splits, and `file`. Throws as reading a file does. */
export async function readTexts(
  several: SeveralFiles,
  files: readonly PlacedFile[],
  left: readonly LeftOut[],
  reading: Reading,
): Promise<ImportedRows> {
  const { sink, writer } = reading;
  const divided = files.some(({ split }) => split === 'train') && files.some(({ split }) => split !== 'train');
  for (const name of ['text', 'label', ...(divided ? ['split'] : []), 'file']) sink.column(name);
  const hash = new FilesHash();
  const out = [...left];
  let unlabelled = 0;
  for (const file of files) {
    reading.next(file);
    const bytes = await file.source.read(0, file.source.size);
    const text = await wholeText(bytesSource(file.path, bytes), reading.pause);
    await reading.progress(bytes.length);
    if (text === null) {
      out.push({ path: file.path, why: 'binary files' });
      continue;
    }
    hash.add(file.name, await sha256Hex(new Uint8Array(bytes)));
    if (file.label === '') unlabelled++;
    sink.row([text, file.label ?? '', ...(divided ? [file.split ?? 'train'] : []), file.name]);
  }
  writer.finish();
  if (sink.readable === 0) throw noRows(files[0]?.path ?? '', sink);
  const leftOut = groupLeftOut(out);
  return {
    name: nameOf(several, files),
    bytes: files.reduce((sum, { source }) => sum + source.size, 0),
    source: { format: 'files', kind: 'texts', decimalComma: false, texts: writer.count, leftOut },
    columns: sink.columns,
    rows: writer.count,
    sha256: hash.hex(),
    warnings: [
      ...(unlabelled
        ? [`${unlabelled.toLocaleString('en')} texts lie in a folder for texts without a label, and have none.`]
        : []),
      ...leftOutWords(leftOut),
    ],
    splitColumn: divided ? 'split' : undefined,
  };
}
