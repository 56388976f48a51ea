/** Finds a Chromium to test with: named by hand, installed, or fetched; and the flags it needs. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** @returns {boolean} whether this process may install system packages */
export const isRoot = () => process.getuid?.() === 0;

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser's path: TABTUNE_BROWSER, else one on the PATH, else null. */
export function installedBrowser() {
  const named = process.env['TABTUNE_BROWSER'];
  if (named) return named;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of NAMES)
      if (folder && isExecutable(join(folder, name + suffix))) return join(folder, name + suffix);
  return null;
}

/** An installed browser, else the one that Playwright has downloaded, else null. Needs node_modules. */
export async function findBrowser() {
  const installed = installedBrowser();
  if (installed) return installed;
  const { chromium } = await import('@playwright/test');
  const downloaded = chromium.executablePath();
  return existsSync(downloaded) ? downloaded : null;
}

/**
 * Runs a command and shows what it prints.
 * @param {string} command
 * @param {string[]} args
 */
const ran = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0;

/** Finds a browser or installs one; null, with the reason printed, when neither works. */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  console.log('No Chrome or Chromium found; fetching one for the tests …');
  const cli = join('node_modules', '@playwright', 'test', 'cli.js');
  if (ran(process.execPath, [cli, 'install', 'chromium'])) return findBrowser();
  if (isRoot() && ran('apt-get', ['update', '-q']) && ran('apt-get', ['install', '-y', '-q', 'chromium']))
    return findBrowser();
  console.log('No browser could be installed. Install Chrome or Chromium, or name one in TABTUNE_BROWSER.');
  return null;
}

/** Flags for every test: no requests of the browser's own, WebGPU on a software adapter, no sandbox as root. */
export function browserFlags({ webgpu = true } = {}) {
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--no-first-run',
    ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : ['--disable-gpu']),
    ...(isRoot() ? ['--no-sandbox'] : []),
  ];
}
