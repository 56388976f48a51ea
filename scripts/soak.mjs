/** `npm run test:soak`: 200 random stops of random runs, far longer than a test run should take; the result goes to bench/results/soak-stops.json. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';

ensureDependencies();
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'src/worker/worker-stops.slow.test.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { TABTUNE_STOPS: '200', ...process.env },
});
process.exitCode = status ?? 1;
