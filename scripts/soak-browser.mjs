/**
 * `npm run test:soak:browser`: under a run that learns, 100 kills of a whole browser, 90 pauses, reloads and crashes of its page, and 10 crashes of its GPU
 * process; the results go to bench/results/soak-kills.json, soak-pages.json and soak-gpu.json.
 */
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
  env: { TABTUNE_KILLS: '100', TABTUNE_STOPS: '90', TABTUNE_GPU_CRASHES: '10', ...process.env, ...(browser ? { TABTUNE_BROWSER: browser } : {}) },
});
process.exitCode = status ?? 1;
