/** `npm run test:soak:browser`: 100 kills of a whole browser under a run that learns; the result goes to bench/results/soak-kills.json. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBrowser } from './lib/browser.mjs';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';

ensureDependencies();
const browser = await ensureBrowser();
const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
const { status } = spawnSync(process.execPath, [cli, 'test', '--config', 'playwright.soak.config.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { TABTUNE_KILLS: '100', ...process.env, ...(browser ? { TABTUNE_BROWSER: browser } : {}) },
});
process.exitCode = status ?? 1;
