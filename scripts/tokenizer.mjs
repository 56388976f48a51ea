/**
 * `npm run tokenizer`: compiles the Rust library `tokenizers` (src/text/rust) to WebAssembly, which is kept in the
 * repository gzipped, with a digest of what it was made from and the licences of what is in it.
 *
 * It needs a Rust toolchain with the library sources, and clang with lld and the headers of a C library for Oniguruma.
 * On Debian: `apt-get install rustc-web cargo-web rust-web-src lld-22 clang-22 wasi-libc`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/dependencies.mjs';
import { RULE } from './notices.mjs';

const SOURCE = join(ROOT, 'src', 'text', 'rust');
const SOURCES = ['Cargo.toml', 'Cargo.lock', 'src/lib.rs', 'src/environment.rs', 'src/words.rs'];
const BINARY = join(ROOT, 'src', 'text', 'binary', 'tokenizer.wasm.gz');
const DIGEST = `${BINARY}.source`;
const NOTICES = join(ROOT, 'src', 'text', 'binary', 'NOTICES');
const CACHE = join(ROOT, 'node_modules', '.cache', 'tokenizer');
const TARGET = 'wasm32-unknown-unknown';

/** Debian's tools, or those that the environment names. */
const { RUSTC = '/usr/bin/rustc', CARGO = '/usr/bin/cargo', CLANG = 'clang-22', LLD = 'wasm-ld-22' } = process.env;
const { HEADERS = '/usr/include/wasm32-wasi' } = process.env;

/** SHA-256 over the sources. */
export function sourceDigest() {
  const hash = createHash('sha256');
  for (const name of SOURCES) hash.update(readFileSync(join(SOURCE, name), 'utf8').replaceAll('\r\n', '\n'));
  return hash.digest('hex');
}

/** The digest of the sources that the kept binary was made from. */
export const binaryDigest = () => readFileSync(DIGEST, 'utf8').trim();

/**
 * Licence text of a crate: where it offers several, MIT's, which is short.
 * @param {string} folder
 */
function licenceText(folder) {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const chosen = names.filter((name) => /mit/i.test(name));
  return (chosen.length > 0 ? chosen : names)
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}

/** Notices of all crates that are compiled in, and of Oniguruma. */
function crateNotices() {
  const cargo = (/** @type {string[]} */ args) =>
    spawnSync(CARGO, args, { cwd: SOURCE, encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, RUSTC } })
      .stdout;
  const tree = cargo(['tree', '--locked', '--target', TARGET, '-e', 'normal', '--prefix', 'none', '--format', '{p}']);
  const used = new Set(
    tree.split('\n').flatMap((line) => (line.includes('(proc-macro)') ? [] : line.split(' ').slice(0, 2).join(' '))),
  );
  const { packages } = JSON.parse(
    cargo(['metadata', '--locked', '--format-version', '1', '--filter-platform', TARGET]),
  );
  /** @type {string[]} */
  const notices = [];
  for (const { name, version, license, manifest_path: manifest, source } of packages) {
    if (source === null || !used.has(`${name} v${version}`)) continue;
    const folder = dirname(manifest);
    const oniguruma = join(folder, 'oniguruma');
    const texts = [licenceText(folder), existsSync(oniguruma) ? `Oniguruma:\n\n${licenceText(oniguruma)}` : ''];
    const text = texts.filter(Boolean).join('\n\n') || `Licence: ${license}.`;
    notices.push(`${RULE}\n${name} ${version} (${license}; compiled into the tokenizer)\n\n${text}\n`);
  }
  return notices.join('\n');
}

function compile() {
  const variable = TARGET.replaceAll('-', '_');
  const args = ['build', '--release', '--locked', '--target', TARGET, '-Z', 'build-std=std,panic_abort'];
  const { status } = spawnSync(CARGO, args, {
    cwd: SOURCE,
    stdio: 'inherit',
    env: {
      ...process.env,
      RUSTC,
      // `build-std` is not a stable option.
      RUSTC_BOOTSTRAP: '1',
      CARGO_TARGET_DIR: CACHE,
      [`CARGO_TARGET_${variable.toUpperCase()}_LINKER`]: LLD,
      // Seeds of hash maps come from our own function, and paths of this machine stay out of the binary.
      [`CARGO_TARGET_${variable.toUpperCase()}_RUSTFLAGS`]: `--cfg getrandom_backend="custom" --remap-path-prefix=${process.env['HOME'] ?? '/root'}=~`,
      [`CC_${variable}`]: CLANG,
      [`CFLAGS_${variable}`]: `--target=wasm32-wasi -isystem ${HEADERS} -DONIG_EXTERN=extern -O2`,
    },
  });
  if (status !== 0) throw new Error('The tokenizer does not compile.');
  return readFileSync(join(CACHE, TARGET, 'release', 'tokenizer.wasm'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const binary = compile();
  const { stdout: packed } = spawnSync('gzip', ['-9n'], { input: binary, maxBuffer: binary.length });
  writeFileSync(BINARY, packed);
  writeFileSync(NOTICES, crateNotices());
  writeFileSync(DIGEST, `${sourceDigest()}\n`);
  console.log(`tokenizer.wasm: ${binary.length} bytes, ${packed.length} gzipped`);
}
