/** Builds the app once before the end-to-end tests, unless TABTUNE_DIST names a build that is there already. */
import { join } from 'node:path';
import { build } from 'vite';

export default async function buildOnce(): Promise<void> {
  if (process.env['TABTUNE_DIST']) return;
  await build({ root: join(import.meta.dirname, '..', '..'), logLevel: 'error' });
}
