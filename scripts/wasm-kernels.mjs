/**
 * `npm run kernels`: compiles the WebAssembly kernels (src/engine/wasm/assembly, AssemblyScript) into the four files
 * that the engine picks from: with or without relaxed SIMD (fused multiply-add), for memory of one thread or shared by
 * several. A test compiles them anew and compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/dependencies.mjs';

const SOURCE = 'src/engine/wasm/assembly';
export const FOLDER = join(ROOT, 'src', 'engine', 'wasm', 'binary');

const FLAGS = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd', '--enable', 'threads'];
const RELAXED = ['--enable', 'relaxed-simd'];
/** As tfjs makes its shared memory: 16 MB at first, 4 GB at most. */
const SHARED = ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** @type {Record<string, string[]>} */
const VARIANTS = { plain: [], relaxed: RELAXED, 'plain-shared': SHARED, 'relaxed-shared': [...RELAXED, ...SHARED] };

/**
 * What is used of the compiler.
 * @typedef {{ toString(): string }} MemoryStream
 * @typedef {{ readFile(name: string, base: string): string | null, writeFile(name: string, contents: string |
 * Uint8Array): void, listFiles(): string[], stderr: MemoryStream }} Host
 * @typedef {{ createMemoryStream(): MemoryStream, main(flags: string[], host: Host): Promise<{ error: Error | null }>
 * }} Compiler
 */

/**
 * The compiler, by a name that type checking does not follow: its types would change those of JavaScript's arrays
 * everywhere.
 */
const COMPILER = ['assemblyscript', 'asc'].join('/');

/** @param {string[]} flags */
async function compile(flags) {
  const { default: asc } = /** @type {{ default: Compiler }} */ (await import(COMPILER));
  const stderr = asc.createMemoryStream();
  /** @type {Uint8Array[]} */
  const binaries = [];
  const { error } = await asc.main([`${SOURCE}/index.ts`, '--outFile', 'kernels.wasm', ...FLAGS, ...flags], {
    readFile: (name, base) => {
      try {
        return readFileSync(join(base, name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name === 'kernels.wasm' && typeof contents !== 'string') binaries.push(contents);
    },
    listFiles: () => [],
    stderr,
  });
  const [binary] = binaries;
  if (error || !binary) throw new Error(`The kernels do not compile.\n${stderr.toString()}`, { cause: error });
  return binary;
}

/**
 * File name → contents of every variant.
 * @returns {Promise<Map<string, Uint8Array>>}
 */
export async function kernelFiles() {
  const files = new Map();
  for (const [name, flags] of Object.entries(VARIANTS)) files.set(`${name}.wasm`, await compile(flags));
  return files;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, contents] of await kernelFiles()) {
    writeFileSync(join(FOLDER, name), contents);
    console.log(`${name}: ${contents.length} bytes`);
  }
}
