/** Lint rules: types-aware strictness, React hooks, and the import arrows of the house plan. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { defineConfig } from 'eslint/config';
import { importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const WORKER_TALK = ['./worker/client.ts', './worker/protocol.ts'];

/** Folder (or file) of src/ → what it may import beside itself; everything else in src/ is refused. */
const ARROWS = {
  base: [],
  domain: ['./base'],
  data: ['./base', './domain'],
  text: ['./base', './domain'],
  formats: ['./base', './domain'],
  hub: ['./base', './domain', './formats'],
  engine: ['./base', './domain', './formats'],
  storage: ['./base', './domain'],
  worker: ['./base', './domain', './data', './text', './formats', './hub', './engine', './storage'],
  'worker/client.ts': ['./base', './domain', './worker/protocol.ts'],
  'worker/protocol.ts': ['./base', './domain'],
  // hub/embedded.ts is a plain list of what comes with the app.
  store: ['./base', './domain', './data', './hub/embedded.ts', ...WORKER_TALK],
  ui: ['./base', './domain'],
  panels: ['./base', './domain', './data', './store', './ui', './worker/protocol.ts'],
  app: ['./base', './domain', './store', './ui', './panels'],
};

const panels = readdirSync(join(ROOT, 'src/panels'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const zones = [
  ...Object.entries(ARROWS).map(([folder, allowed]) => ({
    target: `./src/${folder}`,
    from: './src',
    except: [`./${folder}`, ...allowed],
    message: `${folder} may import only ${['itself', ...allowed.map((path) => path.slice(2))].join(', ')} (src/README.md).`,
  })),
  ...panels.map((panel) => ({
    target: `./src/panels/${panel}`,
    from: './src/panels',
    except: [`./${panel}`],
    message: 'Panels never import each other; shared parts live in ui/ or store/.',
  })),
];

const TFJS = { group: ['@tensorflow/*'], message: 'Only engine/ and worker/ use tfjs.' };
const REACT = { group: ['react', 'react-dom', 'react-dom/*', '@mantine/*'], message: 'React belongs to the page: app, panels, ui, store.' };
const NODE = { group: ['node:*', 'fs', 'path'], message: 'This code runs in a browser; node modules belong to tests and scripts.' };

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', 'test-results/', 'playwright-report/', 'e2e/artifacts/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: { project: ['tsconfig.worker.json', 'tsconfig.dom.json', 'tsconfig.test.json', 'tsconfig.node.json'], tsconfigRootDir: ROOT },
    },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: ROOT, noWarnOnMultipleProjects: true })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: ROOT, zones }],
      'import-x/no-unresolved': ['error', { ignore: ['\\?(worker|url|raw)'] }],
      eqeqeq: 'error',
      'no-eval': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers and booleans read well in messages; void shorthand and async functions without await are plain style here.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false, arguments: false, properties: false } }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/**/*.test.{ts,tsx}', 'src/main.tsx', 'src/{app,panels,ui,store,engine,worker}/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [TFJS, REACT, NODE] }] },
  },
  {
    files: ['src/{engine,worker}/**/*.ts'],
    ignores: ['src/**/*.test.ts', 'src/engine/parity.ts', 'src/engine/**/node-*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [REACT, NODE] }] },
  },
  {
    files: ['src/main.tsx', 'src/{app,panels,ui,store}/**/*.{ts,tsx}'],
    ignores: ['src/**/*.test.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [TFJS, NODE] }] },
  },
  {
    // Tests look into JSON and reach for values they know to be there.
    files: ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  {
    // Plain JavaScript with types in comments: what comes out of JSON and dynamic imports is unchecked there.
    files: ['**/*.{js,mjs}'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
