/** The import arrows of src/ as an ESLint rule: which folder may import which. */
import { readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { ROOT } from './dependencies.mjs';

const SOURCE = join(ROOT, 'src');
const WORKER_TALK = ['worker/link/client', 'worker/link/protocol'];
/** What runs in the worker may use. */
const BELOW_WORKER = ['base', 'domain', 'data', 'text', 'formats', 'hub', 'engine', 'storage'];
/** What a face of a lesson shown on the page may use; beside its own `shared` and the contract. */
const BELOW_PAGE = ['base', 'domain', 'store', 'ui', 'worker/link/protocol'];
const LESSONS = readdirSync(join(SOURCE, 'lessons'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** @param {string} face @returns {string[]} */
const faces = (face) => LESSONS.map((name) => `lessons/${name}/${face}`);
/** What every face of a lesson may use of the others: their shared faces, and what makes a lesson. */
const LESSON_BASE = [
  'lessons/contract',
  'lessons/define',
  'lessons/settings',
  'lessons/common-settings',
  ...faces('shared'),
];
/** What the page may know of lessons: what they are, but of their page faces only how to find them. */
const LESSONS_ON_PAGE = ['lessons/contract', 'lessons/define', 'lessons/settings', 'lessons/index', 'lessons/pages'];

/**
 * Folder or file of src/ (the longest match counts) → what it may import beside itself.
 * @type {Record<string, string[]>}
 */
export const ARROWS = {
  base: [],
  domain: ['base'],
  data: ['base', 'domain'],
  text: ['base', 'domain'],
  formats: ['base', 'domain'],
  hub: ['base', 'domain', 'formats'],
  engine: ['base', 'domain', 'formats'],
  storage: ['base', 'domain'],
  offline: [],
  worker: [...BELOW_WORKER, 'lessons'],
  'worker/link/client': ['base', 'domain', 'worker/link/protocol'],
  'worker/link/protocol': ['base', 'domain'],
  'lessons/settings': ['base', 'domain'],
  'lessons/common-settings': ['base', 'domain', 'lessons/settings'],
  'lessons/contract': ['base', 'domain', 'data', 'lessons/settings'],
  'lessons/page-contract': ['base', 'domain', 'worker/link/protocol'],
  'lessons/define': ['base', 'domain', 'data', 'lessons/contract', 'lessons/settings'],
  'lessons/index': ['base', 'domain', 'data', ...LESSON_BASE],
  // Tests of all lessons together.
  'lessons/faces': ['lessons'],
  'lessons/tiny': [...BELOW_WORKER, 'worker', 'lessons'],
  // Records of runs: what is inside is the lesson's.
  'lessons/records': ['base', 'domain', 'data', 'formats', 'lessons/index', 'lessons/migrate', ...LESSON_BASE],
  'lessons/migrate': ['base'],
  'lessons/workers': ['base', 'domain', 'lessons/index', 'worker', ...LESSON_BASE, ...faces('worker')],
  'lessons/pages': ['base', 'domain', 'lessons/index', 'lessons/page-contract', 'ui', ...LESSON_BASE, ...faces('page')],
  ...Object.fromEntries([
    ...faces('shared').map((face) => [face, ['base', 'domain', 'data', ...LESSON_BASE]]),
    ...faces('worker').map((face) => [face, [...BELOW_WORKER, 'worker', ...LESSON_BASE, ...faces('worker')]]),
    ...faces('page').map((face) => [
      face,
      [...BELOW_PAGE, 'lessons/index', 'lessons/page-contract', ...LESSON_BASE, ...faces('page')],
    ]),
  ]),
  // hub/embedded is a plain list of what comes with the app.
  store: [
    'base',
    'domain',
    'data',
    'hub/embedded',
    'lessons/index',
    'lessons/contract',
    'lessons/define',
    'lessons/settings',
    ...WORKER_TALK,
  ],
  ui: ['base', 'domain'],
  ...Object.fromEntries(
    readdirSync(join(SOURCE, 'panels')).map((panel) => [
      `panels/${panel}`,
      ['base', 'domain', 'data', 'store', 'ui', 'worker/link/protocol', ...LESSONS_ON_PAGE],
    ]),
  ),
  // Helpers of tests, which alone may import them.
  testing: [...BELOW_WORKER, 'worker', 'lessons'],
  app: ['base', 'domain', 'store', 'ui', 'panels', 'worker/link/protocol', ...LESSONS_ON_PAGE],
  main: ['base', 'app', 'store', 'panels', 'ui'],
};

/**
 * The path of a module below src/, without its ending, with forward slashes; null for what lies elsewhere.
 * @param {string} file
 */
function moduleOf(file) {
  const path = relative(SOURCE, file);
  return path.startsWith('..')
    ? null
    : path
        .split(sep)
        .join('/')
        .replace(/\.(test\.)?tsx?$/, '');
}

/** @param {string} module @param {string} place */
const isWithin = (module, place) => module === place || module.startsWith(`${place}/`);

/**
 * Why `file` may not import `specifier`, or null when it may.
 * @param {string} file absolute path
 * @param {string} specifier as written in the import
 */
export function whyRefused(file, specifier) {
  if (!specifier.startsWith('.')) return null;
  const importer = moduleOf(file);
  const imported = moduleOf(join(dirname(file), specifier.replace(/\?.*$/, '')));
  if (importer === null || imported === null) return null;
  const home = Object.keys(ARROWS)
    .filter((place) => isWithin(importer, place))
    .sort((a, b) => b.length - a.length)[0];
  if (home === undefined)
    return `src/${importer} stands in no folder that the import arrows know (scripts/lib/import-arrows.mjs).`;
  const allowed = [...(ARROWS[home] ?? []), ...(/\.test\.tsx?$/.test(file) ? ['testing'] : [])];
  if ([home, ...allowed].some((place) => isWithin(imported, place))) return null;
  return `${home} may import only ${['itself', ...allowed].join(', ')}, not ${imported} (src/README.md).`;
}

/** @type {import('eslint').Rule.RuleModule} */
export const arrows = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    /** @param {import('estree').Node} node @param {unknown} specifier */
    const check = (node, specifier) => {
      const message = typeof specifier === 'string' ? whyRefused(context.filename, specifier) : null;
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => check(node, node.source?.value),
      ImportExpression: (node) => check(node, node.source.type === 'Literal' ? node.source.value : null),
    };
  },
};
