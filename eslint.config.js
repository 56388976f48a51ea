/** Lint rules: types-aware strictness, React hooks, the import arrows of the house plan, and limits of length. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { arrows } from './scripts/lib/import-arrows.mjs';
import { KERNEL_LIMITS, LIMITS, TEST_LINES } from './scripts/lib/limits.mjs';
import { noFork } from './scripts/lib/no-fork.mjs';
import { LONG } from './scripts/lib/ratchet.mjs';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

const TFJS = { group: ['@tensorflow/*'], message: 'Only engine/ and worker/ use tfjs.' };
const REACT = {
  group: ['react', 'react-dom', 'react-dom/*', '@mantine/*'],
  message: 'React belongs to the page: app, panels, ui, store.',
};
const NODE = {
  group: ['node:*', 'fs', 'path'],
  message: 'This code runs in a browser; node modules belong to tests and scripts.',
};

export default defineConfig(
  {
    ignores: [
      'dist/',
      'src/engine/wasm/assembly/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      'e2e/artifacts/',
      'coverage/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { house: { rules: { arrows, 'no-fork': noFork } } },
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.worker.json', 'tsconfig.dom.json', 'tsconfig.test.json', 'tsconfig.node.json'],
        tsconfigRootDir: ROOT,
      },
    },
    rules: {
      'house/arrows': 'error',
      eqeqeq: 'error',
      'no-eval': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Numbers and booleans read well in messages; void shorthand and async functions without await are plain style
      // here.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, arguments: false, properties: false } },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // tfjs hands out its backends under their interface; the cast names which one it is.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
    },
  },
  { files: ['src/**/*.{ts,tsx}'], ignores: ['src/**/*.test.{ts,tsx}', 'src/testing/**', ...LONG], rules: LIMITS },
  { files: ['src/engine/{kernels,models}/**/*.ts'], rules: KERNEL_LIMITS },
  { files: ['src/**/*.test.{ts,tsx}'], rules: TEST_LINES },
  {
    // The engine's objectives, formulas of figures of merit, and kinds of rows as they are put into tokens have names of
    // their own, which are the same words.
    files: ['src/**/*.{ts,tsx}'],
    ignores: [
      'src/**/*.test.{ts,tsx}',
      'src/{lessons,engine,testing}/**',
      'src/domain/metrics.ts',
      'src/text/{chat-renderer,language-rows}.ts',
    ],
    rules: { 'house/no-fork': 'error' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: [
      'src/**/*.test.{ts,tsx}',
      'src/main.tsx',
      'src/{app,panels,ui,store,engine,worker,testing}/**',
      'src/lessons/*/{worker,page}/**',
      'src/lessons/{pages,page-contract}.ts',
    ],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [TFJS, REACT, NODE] }] },
  },
  {
    files: ['src/{engine,worker}/**/*.ts', 'src/lessons/*/worker/**/*.ts'],
    ignores: ['src/**/*.test.ts', 'src/engine/parity/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [REACT, NODE] }] },
  },
  {
    files: [
      'src/main.tsx',
      'src/{app,panels,ui,store}/**/*.{ts,tsx}',
      'src/lessons/*/page/**/*.{ts,tsx}',
      'src/lessons/{pages,page-contract}.ts',
    ],
    ignores: ['src/**/*.test.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [TFJS, NODE] }] },
  },
  {
    // Tests look into JSON and fixtures.
    files: ['**/*.test.{ts,tsx}', 'e2e/**/*.ts'],
    rules: {
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
