/** Reads what the app offers for download, without the app's own readers. */
import { readFileSync } from 'node:fs';
import type { Download } from '@playwright/test';
import { unzipSync } from 'fflate';

/** The files of a downloaded zip by their paths. */
export async function unzipped(download: Download): Promise<Map<string, Uint8Array>> {
  return new Map(Object.entries(unzipSync(readFileSync(await download.path()))));
}

export async function text(download: Download): Promise<string> {
  return readFileSync(await download.path(), 'utf8');
}

/** A JSON file among others. */
export function json(files: ReadonlyMap<string, Uint8Array>, path: string): Record<string, unknown> {
  const bytes = files.get(path);
  if (!bytes) throw new Error(`${path} is not among ${[...files.keys()].join(', ')}`);
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

interface StoredTensor {
  dtype: string;
  shape: number[];
  values: Float32Array;
}

/** Tensors of a safetensors file that holds F32 only, read as its specification says. */
export function tensors(files: ReadonlyMap<string, Uint8Array>, path: string): Map<string, StoredTensor> {
  const bytes = files.get(path);
  if (!bytes) throw new Error(`${path} is not among ${[...files.keys()].join(', ')}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const found = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const own = bytes.slice(8 + headerLength + start, 8 + headerLength + end);
    found.set(name, { dtype: entry.dtype, shape: entry.shape, values: new Float32Array(own.buffer) });
  }
  return found;
}
