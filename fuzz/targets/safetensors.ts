/**
 * safetensors: what is taken has every tensor inside the file, without holes or overlaps, and is written back to the
 * same tensors.
 */
import fc from 'fast-check';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { DTYPE_BYTES } from '../../src/formats/tensor';
import type { NamedTensor, TensorDtype } from '../../src/formats/tensor';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, spoiltJson, utf8 } from '../hostile';

const dtypes = Object.keys(DTYPE_BYTES) as TensorDtype[];
const name = fc
  .oneof(fc.constantFrom('a', 'b', 'bert.weight', '__proto__', '', 'é'), fc.string({ unit: 'grapheme', maxLength: 4 }))
  .filter((text) => text !== '__metadata__');
const tensors = fc
  .uniqueArray(fc.record({ name, dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(3), { maxLength: 3 }) }), {
    selector: (one) => one.name,
    maxLength: 4,
  })
  .map((list) =>
    list.map((one): NamedTensor => ({
      ...one,
      bytes: new Uint8Array(one.shape.reduce((a, b) => a * b, DTYPE_BYTES[one.dtype])).map((_, i) => i * 7),
    })),
  );

/** A file whose header is any JSON, its length right. */
function fileOf(header: string, data: Uint8Array): Uint8Array {
  const json = utf8(header);
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const sound = tensors.map((list) => writeSafetensors(list));
const withHeader = fc.tuple(tensors, fc.nat(3)).chain(([list, extra]) => {
  const file = writeSafetensors(list);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as unknown;
  return spoiltJson(fc.constant(header)).map((json) =>
    fileOf(json, file.subarray(8 + length, file.length - (extra === 3 ? 1 : 0))),
  );
});

export const safetensors = fuzzTarget('safetensors', fc.oneof(spoiltBytes(sound), withHeader), async (bytes) => {
  const read = await outcomeOf(() => readSafetensors(bytes, 'model.safetensors'));
  if (!read.ok) {
    holds(read.error.place?.file === 'model.safetensors', 'the refusal does not name the file');
    return false;
  }
  const list = [...read.value.tensors.values()];
  let reached = bytes.length - list.reduce((sum, one) => sum + one.bytes.length, 0);
  for (const one of list) {
    holds(
      one.bytes.buffer === bytes.buffer && one.bytes.byteOffset === bytes.byteOffset + reached,
      `"${one.name}" does not begin where the one before ends`,
    );
    agree(
      one.bytes.length,
      one.shape.reduce((a, b) => a * b, DTYPE_BYTES[one.dtype]),
      `"${one.name}" has the wrong size`,
    );
    reached += one.bytes.length;
  }
  holds(reached === bytes.length, 'the data does not end with the file');
  const again = readSafetensors(writeSafetensors(list, read.value.metadata), 'again');
  agree({ ...again.metadata }, { ...read.value.metadata }, 'the metadata changes on the way');
  const plain = (map: ReadonlyMap<string, NamedTensor>) =>
    [...map.values()]
      .map((one) => [one.name, one.dtype, one.shape, [...one.bytes]])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  agree(plain(again.tensors), plain(read.value.tensors), 'the tensors change on the way');
  return true;
});
