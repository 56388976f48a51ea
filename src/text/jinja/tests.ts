/** Jinja's tests (`x is defined`): https://jinja.palletsprojects.com/templates/#builtin-tests */
import { take } from './arguments';
import { Fault, Unsupported } from './errors';
import { calculate, compare } from './math';
import type { Compared } from './nodes';
import { printed } from './print';
import { FILTERS, TESTS } from './registry';
import type { Test } from './registry';
import { STRING_METHODS } from './strings';
import {
  asText,
  asNumber,
  Dict,
  equal,
  Float,
  iterable,
  lengthOf,
  Lazy,
  Markup,
  Thing,
  Undefined,
  View,
} from './values';
import type { Value } from './values';

const alone =
  (of: (value: Value) => boolean): Test =>
  (value, args) => {
    take(args, 'test', []);
    return of(value);
  };

const against =
  (of: (value: Value, other: Value) => boolean): Test =>
  (value, args) => {
    const [other = null] = take(args, 'test', ['other']);
    return of(value, other);
  };

const compared = (operator: Compared): Test => against((value, other) => compare(operator, value, other));

/** Whether a call goes through. */
function works(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (thrown) {
    if (thrown instanceof Fault) return false;
    throw thrown;
  }
}

function same(value: Value, other: Value): boolean {
  const plain = (one: Value): boolean => typeof one === 'number' || asText(one) !== null || one instanceof Float;
  if (plain(value) && plain(other) && equal(value, other)) throw new Unsupported('"sameas" of numbers and texts');
  return value === other || (value instanceof Undefined && value === other);
}

const rest = (value: Value, by: Value): boolean => equal(calculate('%', value, by), 0);
const isSequence = (value: Value): boolean =>
  !(value instanceof Lazy || value instanceof Thing || value instanceof View) && works(() => lengthOf(value));
const spelled = (method: string): Test =>
  alone((value) => STRING_METHODS.get(method)?.(printed(value), { list: [], named: new Map() }) === true);

export const TEST_LIST: readonly (readonly [string, Test])[] = [
  ['odd', alone((value) => equal(calculate('%', value, 2), 1))],
  ['even', alone((value) => rest(value, 2))],
  ['divisibleby', against(rest)],
  ['defined', alone((value) => !(value instanceof Undefined))],
  ['undefined', alone((value) => value instanceof Undefined)],
  ['filter', alone((value) => FILTERS.has(printed(value)))],
  ['test', alone((value) => TESTS.has(printed(value)))],
  ['none', alone((value) => value === null)],
  ['boolean', alone((value) => typeof value === 'boolean')],
  ['false', alone((value) => value === false)],
  ['true', alone((value) => value === true)],
  ['integer', alone((value) => typeof value === 'number')],
  ['float', alone((value) => value instanceof Float)],
  ['lower', spelled('islower')],
  ['upper', spelled('isupper')],
  ['string', alone((value) => asText(value) !== null)],
  ['mapping', alone((value) => value instanceof Dict)],
  ['number', alone((value) => asNumber(value) !== null)],
  ['sequence', alone(isSequence)],
  ['iterable', alone((value) => works(() => iterable(value)))],
  ['callable', alone((value) => value instanceof Undefined || (value instanceof Thing && value.call !== null))],
  ['sameas', against(same)],
  ['escaped', alone((value) => value instanceof Markup)],
  ['in', compared('in')],
  ...(['==', '!=', '>', '>=', '<', '<='] as const).map((sign): [string, Test] => [sign, compared(sign)]),
  ['eq', compared('==')],
  ['equalto', compared('==')],
  ['ne', compared('!=')],
  ['gt', compared('>')],
  ['greaterthan', compared('>')],
  ['ge', compared('>=')],
  ['lt', compared('<')],
  ['lessthan', compared('<')],
  ['le', compared('<=')],
];
