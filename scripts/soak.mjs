/**
 * `npm run test:soak`: 200 random stops of random runs, and 1,000 steps on every backend that must hold nothing more at
 * their end; far longer than a test run should take. The results go to bench/results/soak-*.json.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';

const TESTS = ['src/worker/worker-stops.slow.test.ts', 'src/engine/steady-memory.slow.test.ts'];

ensureDependencies();
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...TESTS], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { TABTUNE_STOPS: '200', TABTUNE_MEMORY_STEPS: '1000', ...process.env },
});
process.exitCode = status ?? 1;
