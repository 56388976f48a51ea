/**
 * `npm run notices`: writes THIRD-PARTY-NOTICES from the packages that the app needs at run time, with their licence
 * texts.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './lib/dependencies.mjs';

export const RULE = '-'.repeat(100);
/** Texts for packages that name a licence but carry no file of it. */
const APACHE =
  'Licensed under the Apache License, Version 2.0; the text is at https://www.apache.org/licenses/LICENSE-2.0';

/** Folders of node_modules that are installed for the app itself, not for its development. */
function shippedPackages() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(
      ([folder, entry]) =>
        folder !== '' && !entry.dev && !entry.devOptional && !isTypesOnly(folder) && existsSync(join(ROOT, folder)),
    )
    .map(([folder]) => folder)
    .sort();
}

/** @param {string} folder */
const isTypesOnly = (folder) =>
  folder.includes('node_modules/@types/') ||
  ['csstype', 'type-fest', '@webgpu/types'].some((name) => folder.endsWith(`/${name}`));

/**
 * The licence text inside a package: its files named LICENSE, LICENCE, COPYING or NOTICE.
 * @param {string} folder
 */
function licenceText(folder) {
  const names = readdirSync(join(ROOT, folder)).filter(
    (name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|ts|json)$/.test(name),
  );
  return names
    .map((name) =>
      readFileSync(join(ROOT, folder, name), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    )
    .join('\n\n');
}

/** @param {string} folder */
function packageNotice(folder) {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const author = typeof manifest.author === 'string' ? manifest.author : (manifest.author?.name ?? '');
  const text =
    licenceText(folder) ||
    (manifest.license === 'Apache-2.0' ? APACHE : `Licence: ${manifest.license}${author ? `, by ${author}` : ''}.`);
  return `${RULE}\n${manifest.name} ${manifest.version} (${manifest.license})\n\n${text}\n`;
}

/** What lies under public/models and public/samples with its origin beside it. */
function contentNotices() {
  return ['models', 'samples'].flatMap((kind) => {
    const folder = join(ROOT, 'public', kind);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .flatMap((name) => {
        const source = ['SOURCE.md', 'README.md']
          .map((file) => join(folder, name, file))
          .find((file) => existsSync(file));
        if (!source) return [];
        return [
          `${RULE}\n${kind}/${name} (${kind}/${name}/${basename(source)})\n\n${readFileSync(source, 'utf8').trim()}\n`,
        ];
      });
  });
}

/** What `npm run tokenizer` found in its crates. */
const crateNotices = () => readFileSync(join(ROOT, 'src', 'text', 'binary', 'NOTICES'), 'utf8');

/** The whole file as it should be. */
export function notices() {
  const head = 'Tabtune is built with the packages below; each keeps its own licence. Written by `npm run notices`.\n';
  return [head, ...shippedPackages().map(packageNotice), crateNotices(), ...contentNotices()].join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(join(ROOT, 'THIRD-PARTY-NOTICES'), notices());
  console.log('THIRD-PARTY-NOTICES written.');
}
