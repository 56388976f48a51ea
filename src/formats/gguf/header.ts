/** Reads what a GGUF file says before its weights: version, metadata, and where each tensor lies. */
import { must } from '../../base/assert';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { GgufCursor, NeedMoreBytes } from './cursor';
import type { GgufValue } from './cursor';
import { GGUF_TYPES, nameOfOther, packedBytes, typeWithId } from './types';
import type { GgufType } from './types';

export interface GgufTensorInfo {
  name: string;
  type: GgufType;
  /** Row-major, outermost first: the reverse of the order in the file. */
  shape: number[];
  /** Bytes from the beginning of the file. */
  begin: number;
  /** Bytes. */
  size: number;
}

export interface GgufHeader {
  version: number;
  metadata: ReadonlyMap<string, GgufValue>;
  tensors: readonly GgufTensorInfo[];
}

const MAGIC = 0x46554747;
const DEFAULT_ALIGNMENT = 32;
/** Bytes that are read first; a longer header is read again with four times as many. */
const FIRST_READ = 1 << 20;
/** Least bytes of an entry of the metadata (key, type, value) and of a tensor (name, rank, one size, type, place). */
const LEAST_ENTRY = 13;
const LEAST_TENSOR = 32;
const MOST_DIMENSIONS = 4;
const LONGEST_NAME = 65_535;

/**
 * Reads the header of a GGUF file of version 2 or 3, little-endian
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), in pieces: the weights are not touched. Throws
 * `bad-model` naming the place for a damaged file, `unsupported` for another version or byte order and for a
 * quantization that is not read, which is named.
 */
export async function readGgufHeader(source: ByteSource): Promise<GgufHeader> {
  for (let length = Math.min(source.size, FIRST_READ); ; length = Math.min(source.size, length * 4)) {
    const cursor = new GgufCursor(await source.read(0, length), source.size, source.name);
    try {
      return parse(cursor, source);
    } catch (error) {
      if (!(error instanceof NeedMoreBytes)) throw error;
    }
  }
}

function unsupported(file: string, message: string, fix: string, tensor?: string): never {
  throw new TabtuneError('unsupported', `${file}: ${message}`, {
    place: { file, ...(tensor === undefined ? {} : { tensor }) },
    fix,
  });
}

function parse(cursor: GgufCursor, { name: file, size }: ByteSource): GgufHeader {
  if (size < 24 || cursor.u32() !== MAGIC) {
    cursor.at = 0;
    cursor.fail('this is no GGUF file: it does not begin with “GGUF”.');
  }
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    const swapped = version === 0x02000000 || version === 0x03000000;
    unsupported(
      file,
      swapped ? 'this GGUF file is big-endian.' : `GGUF version ${version} is not read.`,
      'Take a little-endian GGUF of version 2 or 3, as llama.cpp writes it today.',
    );
  }
  const tensorCount = cursor.u64('the number of tensors');
  const entryCount = cursor.u64('the number of metadata entries');
  cursor.room(entryCount, LEAST_ENTRY, 'metadata entries');
  cursor.room(tensorCount, LEAST_TENSOR, 'tensors');
  const metadata = readMetadata(cursor, entryCount);
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || alignment < 8 || alignment % 8 !== 0)
    return cursor.fail(`\`general.alignment\` must be a multiple of 8, not ${String(alignment)}.`);
  const infos = readInfos(cursor, tensorCount, file);
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  const tensors = infos.map(({ offset, ...info }): GgufTensorInfo => {
    const place = { tensor: info.name };
    if (offset % alignment !== 0)
      cursor.fail(`"${info.name}" begins at ${offset}, no multiple of the alignment ${alignment}.`, place);
    if (dataStart + offset + info.size > size)
      cursor.fail(
        `"${info.name}" ends at ${dataStart + offset + info.size}, but the file has ${size} bytes: it is cut off.`,
        place,
      );
    return { ...info, begin: dataStart + offset };
  });
  checkOverlaps(cursor, tensors);
  return { version, metadata, tensors };
}

function readMetadata(cursor: GgufCursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const start = cursor.at;
    const key = cursor.string('the name of a metadata entry');
    if (key === '' || key.length > LONGEST_NAME)
      cursor.fail(`a metadata entry has a name of ${key.length} characters.`, { offset: start });
    if (metadata.has(key)) cursor.fail(`the metadata has "${key}" twice.`, { offset: start });
    metadata.set(key, cursor.value(key));
  }
  return metadata;
}

type Unplaced = Omit<GgufTensorInfo, 'begin'> & { offset: number };

function readInfos(cursor: GgufCursor, count: number, file: string): Unplaced[] {
  const seen = new Set<string>();
  return Array.from({ length: count }, () => {
    const start = cursor.at;
    const name = cursor.string('the name of a tensor');
    if (name === '' || name.length > LONGEST_NAME)
      cursor.fail(`a tensor has a name of ${name.length} characters.`, { offset: start });
    if (seen.has(name)) cursor.fail(`there are two tensors "${name}".`, { offset: start, tensor: name });
    seen.add(name);
    return readInfo(cursor, name, file);
  });
}

function readInfo(cursor: GgufCursor, name: string, file: string): Unplaced {
  const place = { tensor: name };
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MOST_DIMENSIONS)
    cursor.fail(`"${name}" has ${dimensions} dimensions; 1 to ${MOST_DIMENSIONS} are possible.`, place);
  const sizes = Array.from({ length: dimensions }, () => cursor.u64(`a size of "${name}"`));
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count === 0 || !Number.isSafeInteger(count))
    cursor.fail(`"${name}" has the size [${sizes.toReversed().join(', ')}], which no tensor has.`, place);
  const id = cursor.u32();
  const type = typeWithId(id);
  if (type === null) {
    const known = Object.keys(GGUF_TYPES).join(', ');
    return unsupported(
      file,
      `"${name}" is stored as ${nameOfOther(id)}, which is not read.`,
      `Take a file of the model in one of these: ${known}.`,
      name,
    );
  }
  if (must(sizes[0]) % GGUF_TYPES[type].blockValues !== 0)
    cursor.fail(
      `"${name}" has rows of ${must(sizes[0])} values, no multiple of the ${GGUF_TYPES[type].blockValues} in a ` +
        `block of ${type}.`,
      place,
    );
  const offset = cursor.u64(`the place of "${name}"`);
  return { name, type, shape: sizes.toReversed(), offset, size: packedBytes(type, count) };
}

/** Two tensors that share bytes would be a lie about at least one of them. */
function checkOverlaps(cursor: GgufCursor, tensors: readonly GgufTensorInfo[]): void {
  let before: GgufTensorInfo | null = null;
  for (const tensor of tensors.toSorted((a, b) => a.begin - b.begin)) {
    if (before && tensor.begin < before.begin + before.size)
      cursor.fail(
        `"${tensor.name}" begins at ${tensor.begin} and overlaps "${before.name}", which ends at ` +
          `${before.begin + before.size}.`,
        { tensor: tensor.name, offset: tensor.begin },
      );
    before = tensor;
  }
}
