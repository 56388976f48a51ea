/** Reads and writes safetensors, with every check of the format before a single value is used. */
import { TabtuneError } from '../base/errors';
import type { ErrorPlace } from '../base/errors';
import { recogniseImpostor } from './magic';
import { StrictJsonError, parseStrictJson } from './strict-json';
import type { StrictJson } from './strict-json';
import { DTYPE_BYTES } from './tensor';
import type { NamedTensor, TensorDtype } from './tensor';

/** Largest header that the format allows, in bytes. */
const MAX_HEADER_BYTES = 100_000_000;
/** Types of the format that no encoder checkpoint needs; a file with them is sound but not for us. */
const UNSUPPORTED_DTYPES = new Set([
  'U16',
  'U32',
  'U64',
  'C64',
  'F4',
  'F6_E2M3',
  'F6_E3M2',
  'F8_E4M3',
  'F8_E5M2',
  'F8_E8M0',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
]);

export interface SafetensorsFile {
  /** By name, in the order of their bytes; each a view into the file's bytes. */
  tensors: Map<string, NamedTensor>;
  metadata: Record<string, string>;
}

interface Entry {
  name: string;
  dtype: TensorDtype;
  shape: number[];
  begin: number;
  end: number;
}

/**
 * Reads a whole file. Layout: u64 little-endian header length, JSON header, data without holes or overlaps to the last
 * byte (https://github.com/huggingface/safetensors#format). Throws `bad-model` (`unsupported` for sound but unusable
 * types) with file, tensor and byte offset.
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, file);
  const metadata = readMetadata(header.get('__metadata__') ?? null, file);
  const entries: Entry[] = [];
  for (const [name, value] of header) if (name !== '__metadata__') entries.push(readEntry(name, value, file));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - dataStart, file, dataStart);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, dtype, shape, begin, end } of entries)
    tensors.set(name, { name, dtype, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) });
  return { tensors, metadata };
}

function bad(
  file: string,
  what: string,
  place: ErrorPlace = {},
  fix = 'The file is damaged or incomplete: download or export it again.',
): never {
  throw new TabtuneError('bad-model', `${file}: ${what}`, { place: { file, ...place }, fix });
}

function readHeader(bytes: Uint8Array, file: string): { header: Map<string, StrictJson>; dataStart: number } {
  if (bytes.length < 8) bad(file, `${bytes.length} bytes are too few for a safetensors file.`, { offset: 0 });
  const impostor = bytes[8] === 0x7b ? null : recogniseImpostor(bytes.subarray(0, 256));
  if (impostor) bad(file, `this is ${impostor.what}, whatever its name says.`, { offset: 0 }, impostor.fix);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    bad(file, `the header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are allowed.`, { offset: 0 });
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length)
    bad(file, `the header claims ${length} bytes but the file ends after ${bytes.length}.`, { offset: 0 });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
  } catch {
    return bad(file, 'the header is not UTF-8.', { offset: 8 });
  }
  try {
    const header = parseStrictJson(text);
    if (!(header instanceof Map)) return bad(file, 'the header is not a JSON object.', { offset: 8 });
    return { header, dataStart };
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    const offset = 8 + new TextEncoder().encode(text.slice(0, error.offset)).length;
    return bad(file, `the header is not valid JSON: ${error.message}.`, { offset });
  }
}

function readMetadata(value: StrictJson, file: string): Record<string, string> {
  if (value === null) return {};
  if (!(value instanceof Map)) bad(file, '`__metadata__` must map strings to strings.', { offset: 8 });
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, item] of value) {
    if (typeof item !== 'string')
      bad(file, `\`__metadata__\` holds ${JSON.stringify(key)}, which is not a string.`, { offset: 8 });
    metadata[key] = item;
  }
  return metadata;
}

/** A whole, non-negative number that a double holds exactly, or null. */
function whole(value: StrictJson | undefined): number | null {
  return typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}

function readEntry(name: string, value: StrictJson, file: string): Entry {
  const place = { tensor: name, offset: 8 };
  if (!(value instanceof Map)) bad(file, `the header's entry for "${name}" is not an object.`, place);
  const dtype = value.get('dtype');
  if (typeof dtype !== 'string') bad(file, `"${name}" has no dtype.`, place);
  if (UNSUPPORTED_DTYPES.has(dtype))
    throw new TabtuneError('unsupported', `${file}: "${name}" is stored as ${dtype}, which is not supported.`, {
      place: { file, ...place },
      fix: 'Use a version of the model in F32, F16 or BF16.',
    });
  if (!Object.hasOwn(DTYPE_BYTES, dtype)) bad(file, `"${name}" has the unknown dtype ${JSON.stringify(dtype)}.`, place);
  const shape = value.get('shape');
  const sizes = Array.isArray(shape) ? shape.map(whole) : [null];
  if (!sizes.every((size) => size !== null))
    bad(file, `"${name}" has no valid shape: it must be a list of whole numbers.`, place);
  const offsets = value.get('data_offsets');
  const [begin = null, end = null] = Array.isArray(offsets) && offsets.length === 2 ? offsets.map(whole) : [];
  if (begin === null || end === null)
    return bad(file, `"${name}" has no valid data_offsets: they must be two whole numbers.`, place);
  if (end < begin) bad(file, `"${name}" ends at ${end}, before it begins at ${begin}.`, place);
  const type = dtype as TensorDtype;
  const expected = byteCount(sizes, type);
  if (expected !== end - begin)
    bad(
      file,
      `"${name}" has ${end - begin} bytes, but ${type} [${sizes.join(', ')}] needs ` +
        `${expected ?? 'more than any file holds'}.`,
      place,
    );
  return { name, dtype: type, shape: sizes, begin, end };
}

/** Bytes of a tensor, or null when the product leaves the whole numbers. */
function byteCount(shape: readonly number[], dtype: TensorDtype): number | null {
  let count = BigInt(DTYPE_BYTES[dtype]);
  for (const size of shape) {
    count *= BigInt(size);
    // The running product is bounded as in the official reader, also when a later 0 would make it small again.
    if (count > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  }
  return Number(count);
}

function checkCoverage(entries: readonly Entry[], dataBytes: number, file: string, dataStart: number): void {
  let reached = 0;
  let previous = 'the start of the data';
  for (const { name, begin, end } of entries) {
    const place = { tensor: name, offset: dataStart + begin };
    if (begin < reached)
      bad(file, `"${name}" begins at ${begin} and overlaps ${previous}, which ends at ${reached}.`, place);
    if (begin > reached) bad(file, `there is a hole of ${begin - reached} bytes before "${name}".`, place);
    if (end > dataBytes)
      bad(file, `"${name}" ends at ${end}, but the data has ${dataBytes} bytes: the file is cut off.`, place);
    reached = end;
    previous = `"${name}"`;
  }
  if (reached !== dataBytes)
    bad(file, `${dataBytes - reached} bytes after the last tensor belong to none.`, { offset: dataStart + reached });
}

/**
 * Writes a file that the official readers accept: header padded with spaces to 8 bytes, widest types first so that all
 * data is aligned.
 */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  // Written as text so that no name, `__proto__` included, can change an object.
  const fields = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const seen = new Set(['__metadata__']);
  let offset = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    if (seen.has(name))
      throw new TabtuneError('internal', `Two tensors are named "${name}".`, { place: { tensor: name } });
    if (byteCount(shape, dtype) !== bytes.length)
      throw new TabtuneError(
        'internal',
        `"${name}" has ${bytes.length} bytes, not those of ${dtype} [${shape.join(', ')}].`,
        { place: { tensor: name } },
      );
    seen.add(name);
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, offset + bytes.length] })}`,
    );
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const { bytes } of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
