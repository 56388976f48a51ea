/** TensorFlow.js is one thing in parts: all of them have the version of the whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './lib/dependencies.mjs';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

const json = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

it('the parts that are installed have the version of @tensorflow/tfjs', () => {
  const { dependencies } = json('package.json') as Manifest;
  const asked = Object.entries(dependencies).filter(([name]) => name.startsWith('@tensorflow/'));
  expect(asked.map(([name]) => name)).toEqual(expect.arrayContaining(['@tensorflow/tfjs', '@tensorflow/tfjs-core']));
  const version = dependencies['@tensorflow/tfjs'];
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  for (const [name, wanted] of asked) expect(wanted, name).toBe(version);
  const { packages } = json('package-lock.json') as { packages: Record<string, Manifest> };
  const locked = Object.entries(packages).filter(([path]) => /node_modules\/@tensorflow\/[^/]+$/.test(path));
  expect(locked.length).toBeGreaterThan(asked.length);
  for (const [path, entry] of locked) expect(entry.version, path).toBe(version);
});
