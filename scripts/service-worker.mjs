/**
 * Builds src/offline/service-worker.ts beside the page, with the list of all files of the build, the SHA-256 of
 * each, and a version made of them.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ROOT } from './lib/dependencies.mjs';
import { SECURITY_HEADERS } from './lib/page-policy.mjs';

const ENTRY = join(ROOT, 'src', 'offline', 'service-worker.ts');
const FILE = 'service-worker.js';
const PLACEHOLDER = 'TABTUNE_FILES';

/** What only hosts and people read. */
const notKept = (/** @type {string} */ path) =>
  path === FILE || path === '_headers' || path.endsWith('.md') || path.endsWith('.map');
const isModel = (/** @type {string} */ path) => path.startsWith('models/');
/**
 * Larger models are fetched when somebody picks them, and then kept where downloaded models are: nobody should load 100
 * MB for nothing.
 */
const LARGEST_KEPT = 60e6;

/**
 * Files below a folder by their paths with forward slashes.
 * @param {string} folder
 * @returns {Map<string, Buffer>}
 */
function filesBelow(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(folder, file).split(sep).join('/'), readFileSync(file)];
    }),
  );
}

/** Bundles the worker by itself, as a plain script: every browser takes such a one. */
async function bundleWorker() {
  const { build } = await import('vite');
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      write: false,
      target: 'es2023',
      rollupOptions: { input: ENTRY, output: { format: 'iife', entryFileNames: FILE } },
    },
  });
  const output = /** @type {import('vite').Rollup.RollupOutput} */ (Array.isArray(result) ? result[0] : result);
  return output.output[0].code;
}

/**
 * Writes the service worker when the rest of the build is known.
 * @returns {import('vite').Plugin}
 */
export function serviceWorker() {
  let publicFolder = '';
  return {
    name: 'tabtune:service-worker',
    apply: 'build',
    configResolved: (config) => {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const files = publicFolder ? filesBelow(publicFolder) : new Map();
        for (const [path, part] of Object.entries(bundle))
          files.set(path, Buffer.from(part.type === 'chunk' ? part.code : part.source));
        const paths = [...files.keys()]
          .filter((path) => !notKept(path) && files.get(path).length <= LARGEST_KEPT)
          .sort();
        const proofs = paths.map((path) => [path, createHash('sha256').update(files.get(path)).digest('hex')]);
        const version = createHash('sha256').update(JSON.stringify(proofs)).digest('hex').slice(0, 16);
        const list = {
          version,
          app: Object.fromEntries(proofs.filter(([path = '']) => !isModel(path))),
          models: Object.fromEntries(proofs.filter(([path = '']) => isModel(path))),
          headers: SECURITY_HEADERS,
        };
        const code = await bundleWorker();
        if (!code.includes(PLACEHOLDER)) throw new Error(`The service worker no longer reads ${PLACEHOLDER}.`);
        this.emitFile({
          type: 'asset',
          fileName: FILE,
          source: `const ${PLACEHOLDER}=${JSON.stringify(list)};\n${code}`,
        });
      },
    },
  };
}
