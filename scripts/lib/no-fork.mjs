/** The rule that keeps forks between lessons out of what is not a lesson: a lesson is asked, never told apart by name. */

/** Names of tasks and lessons, and of the kinds of rows that they learn from. */
const NAMES = new Set([
  'single-label',
  'multi-label',
  'regression',
  'chat',
  'preference',
  'classify',
  'answer',
  'prefer',
]);
const PREDICATE = /^isLanguage|^isDecoder$|^isEncoder$/;
/** What the browser can do is asked so. */
const BROWSER = new Set(['navigator', 'window', 'globalThis', 'self', 'document']);

/** @param {import('estree').Node} node */
const isName = (node) => node.type === 'Literal' && typeof node.value === 'string' && NAMES.has(node.value);

/** @type {import('eslint').Rule.RuleModule} */
export const noFork = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      name: 'Only lessons know tasks and lessons by name: ask lessonOf(…) for what is to differ (src/lessons/contract.ts).',
      predicate: 'Whether it is of one lesson or another is asked nowhere: ask the lesson for what is to differ.',
      probe: 'What a value is, its type or its schema says; probing for a property is a fork without a name.',
    },
  },
  create(context) {
    return {
      BinaryExpression(node) {
        const { operator, left, right } = node;
        if (operator === 'in' && left.type === 'Literal')
          if (right.type !== 'Identifier' || !BROWSER.has(right.name)) context.report({ node, messageId: 'probe' });
        if (/^[!=]==?$/.test(operator) && [left, right].some((side) => isName(/** @type {any} */ (side))))
          context.report({ node, messageId: 'name' });
      },
      SwitchCase(node) {
        if (node.test && isName(node.test)) context.report({ node, messageId: 'name' });
      },
      Identifier(node) {
        if (PREDICATE.test(node.name)) context.report({ node, messageId: 'predicate' });
      },
    };
  },
};
