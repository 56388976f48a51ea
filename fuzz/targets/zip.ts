/**
 * Zip archives: what is unpacked is what was packed, or fflate unpacks the same; sizes and checksums that lie are
 * noticed.
 */
import { unzipSync, zipSync } from 'fflate';
import fc from 'fast-check';
import { bytesSource } from '../../src/base/bytes';
import { crc32 } from '../../src/formats/crc32';
import { readZip, writeZip } from '../../src/formats/zip';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes } from '../hostile';

const LIMITS = { files: 20, bytes: 5000 };

const path = fc.constantFrom(
  'config.json',
  'model.safetensors',
  'a/b.txt',
  'folder/',
  '../x',
  '/etc/x',
  'C:x',
  './a',
  'a\\b',
  'é.txt',
  'a/../b',
  '',
);
const content = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(new Uint8Array(0), new Uint8Array(3000)));
const files = fc.dictionary(path, fc.record({ content, packed: fc.boolean() }), { maxKeys: 4 });
/** Several archives one after the other have several directories; what is read is what the last one names. */
const archive = fc.oneof(
  files.map((list) =>
    zipSync(
      Object.fromEntries(
        Object.entries(list).map(([name, one]) => [
          name,
          [one.content, { level: one.packed ? (6 as const) : (0 as const) }],
        ]),
      ),
    ),
  ),
  fc.tuple(files, files).map(([first, second]) => {
    const zipped = [first, second].map((list) =>
      zipSync(Object.fromEntries(Object.entries(list).map(([name, one]) => [name, one.content]))),
    );
    return Uint8Array.from(zipped.flatMap((part) => [...part]));
  }),
);

function fflate(bytes: Uint8Array): Record<string, Uint8Array> | null {
  try {
    return unzipSync(bytes, { filter: ({ originalSize }) => originalSize <= LIMITS.bytes });
  } catch {
    return null;
  }
}

export const zip = fuzzTarget('Zip archives', spoiltBytes(archive), async (bytes) => {
  const read = await outcomeOf(async () => {
    const list = await readZip(bytesSource('model.zip', bytes), LIMITS);
    return Promise.all(list.map(async (file) => ({ path: file.path, size: file.size, bytes: await file.bytes() })));
  });
  if (!read.ok) {
    holds(read.error.place?.file === 'model.zip', 'the refusal does not name the archive');
    return false;
  }
  const total = read.value.reduce((sum, file) => sum + file.bytes.length, 0);
  holds(total <= LIMITS.bytes && read.value.length <= LIMITS.files, 'the limits are not kept');
  const known = fflate(bytes);
  for (const file of read.value) {
    agree(file.bytes.length, file.size, `"${file.path}" has another size than it says`);
    holds(
      !/^\/|^[A-Za-z]:|\\/.test(file.path) && !file.path.split('/').includes('..'),
      `"${file.path}" leaves the folder`,
    );
    const reference = known?.[file.path] ?? known?.[`./${file.path}`] ?? known?.[file.path.replaceAll('/', '\\')];
    if (reference && reference.length === file.bytes.length && crc32(reference) === crc32(file.bytes))
      agree([...file.bytes], [...reference], `fflate unpacks another "${file.path}"`);
  }
  const again = await readZip(
    bytesSource('again.zip', new Uint8Array(await (await writeZip(read.value)).arrayBuffer())),
  );
  agree(
    await Promise.all(again.map(async (file) => [file.path, [...(await file.bytes())]])),
    read.value.map((file) => [file.path, [...file.bytes]]),
    'writing it again changes it',
  );
  return true;
});
