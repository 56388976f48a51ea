/**
 * `npm run tag`: gives the commit at hand the annotated tag of package.json's version, with the changelog's section as
 * its text. Refuses, saying why, when that would say something untrue.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/dependencies.mjs';

/** What git prints; throws what it complains of. @param {string} folder @param {string[]} args */
function git(folder, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.trim()}`);
  return stdout.trim();
}

/** What stands below a version's heading, without its date, or null. @param {string} changelog @param {string} version */
export function section(changelog, version) {
  const found = changelog.split(/^## /m).find((part) => part.startsWith(`[${version}] - `));
  return (
    found
      ?.replace(/^.*\n/, '')
      .replace(/^\[[^\]]+\]: .*$/gm, '')
      .trim() || null
  );
}

/** Makes the tag and returns its name. Throws when it must not be made. @param {string} folder of a checkout */
export function tag(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const name = `v${version}`;
  const changes = section(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'), version);
  if (git(folder, 'tag', '--list', name)) throw new Error(`The tag ${name} is there already: raise the version.`);
  if (git(folder, 'status', '--porcelain')) throw new Error('Something is not committed.');
  if (!changes) throw new Error(`CHANGELOG.md has no section "## [${version}] - DATE" with text.`);
  git(folder, 'tag', '--annotate', '--cleanup=verbatim', name, '--message', `Tabtune ${version}\n\n${changes}\n`);
  return name;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(`Tagged ${tag(ROOT)}. Push it with the commit: git push --follow-tags`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
