/** Installs the packages of package-lock.json when they are absent or older than it. Node built-ins only. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OLDEST_NODE = [20, 19];

/** npm's own record of what it installed; its time tells whether the lockfile has changed since. */
function isInstalled() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
}

/** The lockfile is newer after every `git clone` or switch of branch; what it asks for may be there all the same. */
function isComplete() {
  if (!existsSync(join(ROOT, 'node_modules'))) return false;
  return npm(['ls', '--all', '--silent'], 'ignore') === 0;
}

/**
 * Runs npm in the repository's root.
 * @param {string[]} args
 * @param {'inherit' | 'ignore'} stdio
 * @returns {number} npm's exit code
 */
export function npm(args, stdio = 'inherit') {
  // npm runs scripts with the path of its own entry file, which needs no shell on any system.
  const entry = process.env['npm_execpath'];
  const done = entry?.endsWith('.js')
    ? spawnSync(process.execPath, [entry, ...args], { cwd: ROOT, stdio })
    : spawnSync('npm', args, { cwd: ROOT, stdio, shell: process.platform === 'win32' });
  return done.status ?? 1;
}

/** Throws with a sentence for the person when Node is too old or npm could not install. */
export function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < (OLDEST_NODE[0] ?? 0) || (major === OLDEST_NODE[0] && minor < (OLDEST_NODE[1] ?? 0)))
    throw new Error(`Tabtune needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  if (isInstalled() || isComplete()) return;
  console.log('Installing packages (npm ci) …');
  if (npm(['ci', '--no-audit', '--no-fund']) !== 0)
    throw new Error('npm ci failed. Check the network or the proxy settings of npm, then run the command again.');
}
