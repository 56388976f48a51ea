/**
 * `npm run smoke -- firefox|chromium|safari [PROGRAM]`: builds the app and lets a browser go the whole way with a sample
 * and the embedded model, and open that model again on a second visit, driven by a script in the page (page.js). Exits 1, saying at which step, when it does not come
 * to a model that is better than its base.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { isRoot } from '../../scripts/lib/browser.mjs';
import { ROOT, ensureDependencies } from '../../scripts/lib/dependencies.mjs';
import { sendFile, serveFolder } from '../../scripts/lib/static-server.mjs';

const LONGEST_MS = 480_000;
const SCRIPT = join(import.meta.dirname, 'page.js');
const DIST = process.env['TABTUNE_DIST'] ?? join(ROOT, 'dist');

/**
 * How each browser is started: its program, and its arguments for an address and a folder of its own.
 * @type {Record<string, { program: string, args: (url: string, folder: string) => string[] }>}
 */
const BROWSERS = {
  firefox: { program: 'firefox', args: (url, folder) => ['--headless', '--no-remote', '--profile', folder, url] },
  chromium: {
    program: 'chromium',
    args: (url, folder) => [
      '--headless=new',
      `--user-data-dir=${folder}`,
      '--no-first-run',
      ...(isRoot() ? ['--no-sandbox'] : []),
      url,
    ],
  },
  safari: { program: 'open', args: (url) => ['-a', 'Safari', url] },
};

/** @param {string} text */
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** @typedef {{ device: string, accuracy: [base: number, tuned: number], isolated: boolean, kept: boolean }} Result */
/** @typedef {{ step?: string, result?: Result, failure?: string, errors?: string[] }} Message */

/**
 * Serves the app with the script in its page, and hands on what the script says.
 * @param {(message: Message) => void} hear
 */
const serve = (hear) => {
  const built = readFileSync(join(DIST, 'index.html'), 'utf8');
  // Before the app's own script.
  const page = built.replace('<head>', '<head><script type="module" src="smoke.js"></script>');
  // The service worker keeps this page like the build's own.
  const worker = readFileSync(join(DIST, 'service-worker.js'), 'utf8').replace(sha256(built), sha256(page));
  return serveFolder({
    folder: DIST,
    port: 0,
    before(request, response) {
      if (request.url === '/' || request.url === '/index.html') {
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(page);
      } else if (request.url === '/service-worker.js') {
        response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
        response.end(worker);
      } else if (request.url === '/smoke.js') sendFile(request, response, SCRIPT);
      else if (request.url === '/smoke-says') {
        /** @type {Buffer[]} */
        const parts = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', () => hear(JSON.parse(Buffer.concat(parts).toString())));
        response.end();
      } else return false;
      return true;
    },
  });
};

/** What is wrong with what the script said last, or null. @param {Message} message */
function problem({ result, failure, errors = [] }) {
  if (failure !== undefined || !result) return failure ?? 'The page said nothing.';
  if (errors.length > 0) return `Errors in the page: ${errors.join('; ')}`;
  if (!result.kept) return 'The second visit was not answered by the service worker.';
  const [base, tuned] = result.accuracy;
  return tuned > base + 20 ? null : `${tuned} % after training and ${base} % before: nothing was learned.`;
}

/** @param {{ program: string, args: (url: string, folder: string) => string[] }} browser */
async function smoke({ program, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-smoke-'));
  let step = 'the page';
  /** @type {(message: Message) => void} */
  let end = () => undefined;
  const ended = /** @type {Promise<Message>} */ (new Promise((resolve) => (end = resolve)));
  const server = await serve((message) => {
    if (message.step === undefined) end(message);
    else console.log(`  … ${(step = message.step)}`);
  });
  const child = spawn(program, args(`http://localhost:${server.port}/`, folder), { stdio: 'ignore' });
  child.on('error', (error) => end({ failure: `${program} cannot be started: ${error.message}` }));
  const late = setTimeout(() => end({ failure: `Nothing came after ${LONGEST_MS / 1000} s of ${step}.` }), LONGEST_MS);
  const message = await ended;
  clearTimeout(late);
  child.kill();
  if (child.exitCode === null && child.pid !== undefined) await once(child, 'exit');
  await server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  if (message.result) {
    const { device, accuracy, isolated } = message.result;
    console.log(`${device}, ${isolated ? 'isolated' : 'not isolated'}: accuracy ${accuracy.join(' % → ')} %`);
  }
  return problem(message);
}

const [name = '', program] = process.argv.slice(2);
const browser = BROWSERS[name];
if (!browser) {
  console.error(`Usage: npm run smoke -- ${Object.keys(BROWSERS).join('|')} [PROGRAM]`);
  process.exitCode = 1;
} else {
  ensureDependencies();
  if (!process.env['TABTUNE_DIST']) await build({ root: ROOT, logLevel: 'error' });
  const wrong = await smoke(program ? { ...browser, program } : browser);
  console.log(wrong ? `FAIL ${wrong}` : 'ok');
  process.exitCode = wrong ? 1 : 0;
}
