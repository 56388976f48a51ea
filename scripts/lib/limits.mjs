/** The limits of a file's, a line's and a function's length, as rules of ESLint. */

/** Of everything in src/. @type {import('eslint').Linter.RulesRecord} */
export const LINES = { 'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }] };

/** Of tests, whose data may be long. @type {import('eslint').Linter.RulesRecord} */
export const TEST_LINES = {
  'max-len': [
    'error',
    { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true },
  ],
};

/** Of what is no test. @type {import('eslint').Linter.RulesRecord} */
export const LIMITS = {
  ...LINES,
  'max-lines': ['error', 300],
  'max-lines-per-function': ['error', 60],
  'max-params': ['error', 5],
};

/**
 * Of the engine's kernels: a function's parameters are the operands of its formula, in the formula's order, which an
 * object would only name twice.
 * @type {import('eslint').Linter.RulesRecord}
 */
export const KERNEL_LIMITS = { 'max-params': ['error', 7] };
