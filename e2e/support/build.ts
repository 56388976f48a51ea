/** Builds the app once before the end-to-end tests. TABTUNE_SKIP_BUILD=1 takes the build that is there. */
import { join } from 'node:path';
import { build } from 'vite';

export default async function buildOnce(): Promise<void> {
  if (process.env['TABTUNE_SKIP_BUILD'] === '1') return;
  await build({ root: join(import.meta.dirname, '..', '..'), logLevel: 'warn' });
}
