/** A version's tag is made once, of what is committed, with what the changelog says. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './lib/dependencies.mjs';
import { section, tag } from './tag.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tabtune-tag-'));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
const commit = (version: string, changelog: string): void => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  git('add', '.');
  git('-c', 'commit.gpgsign=false', 'commit', '-qm', version);
};

it('is refused twice, without a section, and with changes that are not committed', () => {
  git('init', '-q');
  git('config', 'user.name', 'Someone');
  git('config', 'user.email', 'someone@example.com');
  commit('1.2.0', '# Changelog\n\n## [Unreleased]\n\nSoon.\n');
  expect(() => tag(folder)).toThrow('no section');
  commit(
    '1.2.0',
    '# Changelog\n\n## [1.2.0] - 2027-01-02\n\n### Added\n\n- Tea.\n\n## [1.1.0] - 2026-01-01\n\n- Old.\n',
  );
  writeFileSync(join(folder, 'new.txt'), '');
  expect(() => tag(folder)).toThrow('not committed');
  rmSync(join(folder, 'new.txt'));
  expect(tag(folder)).toBe('v1.2.0');
  expect(git('tag', '-l', '--format=%(contents)', 'v1.2.0').trim()).toBe('Tabtune 1.2.0\n\n### Added\n\n- Tea.');
  expect(() => tag(folder)).toThrow('there already');
});

it('finds the sections of our own changelog', () => {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  expect(section(changelog, '0.1.0')).toMatch(/^### Added\n[^[]*$/);
  expect(section(changelog, '0.0.1')).toBeNull();
});
