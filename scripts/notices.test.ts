/** The third-party notices must name what ships today. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { notices } from './notices.mjs';

it('is current: run `npm run notices` when this fails', () => {
  const written = readFileSync(join(import.meta.dirname, '..', 'THIRD-PARTY-NOTICES'), 'utf8');
  expect(written).toBe(notices());
  for (const name of ['react', '@tensorflow/tfjs-core', 'tokenizers', 'fflate'])
    expect(written).toContain(`\n${name} `);
});
