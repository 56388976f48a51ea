/** Tells by its name whether a file among several may hold data, and if not, why. */
import { FILE_TYPES } from '../tables/file-types';
import { baseName, endingOf } from './names';

/** `table` and `text` by their endings; `unknown` has to be looked into. */
export type NameKind = { kind: 'table' | 'text' | 'unknown' } | { kind: 'none'; why: string };

const none = (why: string): NameKind => ({ kind: 'none', why });

/** Files that systems and tools leave behind. */
const NOISE =
  /(^|\/)(__MACOSX|\.[^./][^/]*|__pycache__)(\/|$)|(^|\/)(thumbs\.db|desktop\.ini|_success|_committed_[^/]*|_started_[^/]*|~\$[^/]*)$|\.(crc|md5|sha1|sha256|lock)$/i;

/** Notes about data, and what libraries write beside it. */
const NOTES =
  /^((readme|licen[cs]e|copying|notice|citation|authors|contributors|change(log|s)|contributing|data[_-]?card|makefile|dockerfile|manifest)([._-].*)?|dataset_infos?\.json|dataset_dict\.json|state\.json|config\.json|requirements[^/]*\.txt)$/i;

const kinds = (why: string, names: string): [string, string][] => names.split(' ').map((ending) => [ending, why]);

const OTHERS = new Map<string, string>([
  ...kinds('images', 'png jpg jpeg gif webp bmp svg tif tiff ico heic avif'),
  ...kinds('sounds and films', 'mp3 wav flac ogg m4a mp4 mov avi mkv webm'),
  ...kinds('documents, not tables: save them as text', 'pdf doc docx odt rtf ppt pptx epub'),
  ...kinds('programs and settings', 'py ipynb r js ts sh bat ps1 java c cpp h go rs rb php sql yaml yml toml ini cfg'),
  ...kinds('web pages and markup: save the table as CSV', 'html htm xml css xsl tex bib'),
  ...kinds('Excel workbooks: save the sheet as CSV (UTF-8)', 'xlsx xls xlsm xlsb ods numbers'),
  ...kinds('Parquet or Arrow files: convert them to CSV or JSONL', 'parquet arrow feather orc avro tfrecord'),
  ...kinds(
    'archives of a kind that is not read: pack the files as .zip',
    '7z rar bz2 tbz2 tbz xz txz lzma zst lz4 z cab',
  ),
  ...kinds('databases: export the table as CSV', 'sqlite sqlite3 db mdb accdb'),
  ...kinds(
    'weights and binary arrays',
    'safetensors bin pt pth ckpt pkl pickle npy npz h5 hdf5 gguf onnx msgpack mat joblib',
  ),
]);

const endings = (types: readonly string[]): ReadonlySet<string> =>
  new Set(types.filter((type) => type.startsWith('.')).map((type) => type.slice(1)));

const TEXTS = endings([...FILE_TYPES.text, '.text', '.markdown']);
const TABLES = endings([...Object.values(FILE_TYPES).flat(), '.tab']);

/** What a name shows. */
export function kindOfName(path: string): NameKind {
  if (NOISE.test(path)) return none('system files');
  const name = baseName(path);
  if (NOTES.test(name)) return none('notes about the data');
  const ending = endingOf(name);
  // Some formats of tables come in .txt as well.
  if (TEXTS.has(ending)) return { kind: 'text' };
  if (TABLES.has(ending)) return { kind: 'table' };
  const why = OTHERS.get(ending);
  return why === undefined ? { kind: 'unknown' } : none(why);
}
