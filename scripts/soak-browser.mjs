/**
 * `npm run test:soak:browser [-- --stops 200 --from 0 --backend webgpu|wasm --kinds 'browser kill,reload' --seed 7]`:
 * stops of every kind, or of some, at random, of runs in a real browser; the outcome goes to
 * bench/results/soak-mixed.json. `--from 25 --stops 25` does one of the slices that the whole is made of.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBrowser } from './lib/browser.mjs';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';

const { values } = parseArgs({
  options: {
    stops: { type: 'string', default: '200' },
    from: { type: 'string', default: '0' },
    backend: { type: 'string', default: 'webgpu' },
    kinds: { type: 'string', default: '' },
    seed: { type: 'string', default: '7' },
  },
});
ensureDependencies();
const browser = await ensureBrowser();
const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
const { status } = spawnSync(process.execPath, [cli, 'test', '--config', 'playwright.soak.config.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    TABTUNE_STOPS: values.stops,
    TABTUNE_FROM: values.from,
    TABTUNE_BACKEND: values.backend,
    TABTUNE_KINDS: values.kinds,
    TABTUNE_SEED: values.seed,
    ...(browser ? { TABTUNE_BROWSER: browser } : {}),
  },
});
process.exitCode = status ?? 1;
