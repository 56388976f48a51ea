/** Tells by names alone what was dropped: data, models, projects. */
import { kindOfName } from '../data/parts/kinds';
import { baseName } from '../data/parts/names';
import type { DroppedFile } from '../worker/link/protocol';

export type { DroppedFile };

/** One model: a folder, an archive, or loose files. */
export interface SortedModel {
  name: string;
  files: DroppedFile[];
}

export interface Sorted {
  data: DroppedFile[];
  models: SortedModel[];
  projects: DroppedFile[];
  /** Tables that lie in the folder or archive of a model. */
  besideModels: string[];
}

/** The names of the files inside each archive that could be opened, by its path. */
export type Inside = ReadonlyMap<string, readonly string[]>;

/** Files that only models have. */
const MODEL_FILE =
  /^(adapter_config\.json|.*\.(safetensors|gguf)|(pytorch_|adapter_)?model[^.]*\.bin|(pytorch_)?model\.\w+\.index\.json)$/i;
/** Files that models have, and now and then data sets too. */
const MAYBE_MODEL_FILE =
  /^((config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|generation_config|vocab|modules)\.json|vocab\.txt|merges\.txt|(spiece|tokenizer|sentencepiece.*)\.model|.*\.(bin|onnx|pt|pth|ckpt|h5|msgpack|tflite|ot|pkl))$/i;

const ofModel = (path: string): boolean => MODEL_FILE.test(baseName(path)) || MAYBE_MODEL_FILE.test(baseName(path));

/** Whether the file is a table by its name and nothing of a model. */
const isTable = (path: string): boolean => kindOfName(path).kind === 'table' && !ofModel(path);

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** The folders that hold a model, none of them inside another; empty for what is at the top. */
function modelFolders(paths: readonly string[]): string[] {
  const found = new Set<string>();
  const byFolder = new Map<string, string[]>();
  for (const path of paths) {
    const files = byFolder.get(folderOf(path));
    if (files) files.push(path);
    else byFolder.set(folderOf(path), [path]);
  }
  for (const [folder, files] of byFolder) {
    const names = files.map(baseName);
    const isModel =
      names.some((name) => MODEL_FILE.test(name)) ||
      (names.some((name) => MAYBE_MODEL_FILE.test(name)) && !files.some(isTable));
    if (isModel) found.add(folder);
  }
  return [...found].filter((folder) => ![...found].some((outer) => outer !== folder && folder.startsWith(outer)));
}

/** Whether these files hold a model: in the Hugging Face layout, or any weights. */
export const looksLikeModel = (paths: readonly string[]): boolean => modelFolders(paths).length > 0;

const isProject = (path: string, names: readonly string[] | undefined): boolean =>
  /\.tabtune\.zip$/i.test(path) ||
  (names?.includes('project.json') === true && names.some((name) => /^(data\/rows\.bin|\w+\.safetensors)$/.test(name)));

/** What was dropped, sorted. Archives go by what is inside them; those that could not be opened are data. */
export function sortFiles(files: readonly DroppedFile[], inside: Inside): Sorted {
  const sorted: Sorted = { data: [], models: [], projects: [], besideModels: [] };
  const folders = modelFolders(files.map(({ path }) => path));
  const models = new Map(folders.map((folder) => [folder, [] as DroppedFile[]]));
  for (const file of files) {
    const { path } = file;
    const names = inside.get(path);
    const folder = folders.find((one) => path.startsWith(one));
    if (isProject(path, names)) sorted.projects.push(file);
    else if (names && looksLikeModel(names)) {
      sorted.models.push({ name: baseName(path), files: [file] });
      for (const name of names) if (isTable(name)) sorted.besideModels.push(`${path}/${name}`);
    } else if (folder === undefined || (folder === '' && !path.includes('/') && isLooseData(path)))
      sorted.data.push(file);
    else {
      models.get(folder)?.push(file);
      if (isTable(path)) sorted.besideModels.push(path);
    }
  }
  for (const [folder, its] of models)
    if (its.length) sorted.models.push({ name: baseName(folder.slice(0, -1)) || (its[0]?.path ?? ''), files: its });
  return sorted;
}

/** Whether a file that was dropped beside loose files of a model is data. */
const isLooseData = (path: string): boolean =>
  !ofModel(path) && kindOfName(path).kind !== 'none' && !/\.(txt|md|jinja|model|py)$/i.test(path);
