/** Tells what a person dropped or picked: a data file, or the files of a model. */
import type { DataSlice } from './data';
import type { ModelSlice } from './model';
import { looksLikeModel } from './model-files';
import type { Browser } from './outside';
import type { UiSlice } from './ui';

/** A file with its path inside the dropped folder (its plain name when dropped alone). */
export interface DroppedFile {
  path: string;
  file: File;
}

interface Parts {
  browser: Browser;
  data: DataSlice;
  model: ModelSlice;
  ui: UiSlice;
}

/** Opens what was dropped, and shows the step it belongs to. On the model step everything is taken as a model. */
export const createIntake =
  ({ browser: { go }, data, model, ui }: Parts) =>
  async (files: readonly DroppedFile[]): Promise<void> => {
    const [first] = files;
    if (!first) return;
    if (ui.getState().route === 'model' || looksLikeModel(files.map(({ path }) => path))) {
      go('model');
      await model.getState().describe({ kind: 'dropped', files: [...files] });
      return;
    }
    go('data');
    if (files.length > 1) {
      data
        .getState()
        .refuse({
          code: 'bad-data',
          message: `${files.length} files were dropped; a data set is one file.`,
          fix: 'Drop one CSV, TSV, JSON or JSONL file. A model folder needs its config.json.',
        });
      return;
    }
    await data.getState().open({ kind: 'file', file: first.file });
  };

/** All files of a drop, folders walked; paths are relative to what was dropped. */
export async function filesOf(transfer: DataTransfer): Promise<DroppedFile[]> {
  // Entries must be taken before the first await: the browser empties the list afterwards.
  const taken = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const files = await Promise.all(
    taken.map(async ({ entry, file }) => (entry ? walk(entry) : file ? [{ path: file.name, file }] : [])),
  );
  return files.flat();
}

async function walk(entry: FileSystemEntry): Promise<DroppedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: DroppedFile[] = [];
  for (;;) {
    // A reader hands out a directory in pieces and ends with an empty one.
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!piece.length) return found;
    for (const child of piece) found.push(...(await walk(child)));
  }
}

/** The files of a picker, with the folder's relative paths where it gives them. */
export const filesOfPicker = (files: Iterable<File>): DroppedFile[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
