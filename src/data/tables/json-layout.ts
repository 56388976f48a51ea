/** How a JSON document holds a table: found from its outline. */
import { must } from '../../base/assert';
import { KNOWN_NAMES, parseSplit } from '../columns';
import type { OutlineNode } from './json-outline';

/** A list of rows, and what all of them have in a column of its own. */
export interface RowList {
  /** Where its bracket opens, in characters of the text. */
  at: number;
  name: string;
}

/**
 * Where the rows are. `lists`: in one or several lists, which are read as they stream by; `column` is what the names of
 * the lists go to, or null. `whole`: by columns or by rows in one of pandas' ways; the document is held in memory.
 */
export type DocumentLayout =
  | { layout: 'lists'; lists: RowList[]; column: string | null; others: string[] }
  | { layout: 'whole'; orientation: Orientation };

export type Orientation = 'split' | 'table' | 'columns' | 'index' | 'by-column' | 'split-tables';

/** Names of lists that usually are the rows, the best first. */
const ROW_LISTS = [
  'common_examples',
  'examples',
  'data',
  'rows',
  'records',
  'items',
  'instances',
  'documents',
  'results',
];
const DEEPEST = 4;

const values = (node: OutlineNode): OutlineNode[] => [...node.keys.values()];
const isList = (node: OutlineNode): boolean => node.kind === 'array' && node.size > 0;
const onlyObjects = (node: OutlineNode): boolean => isList(node) && node.items.has('object') && node.items.size === 1;
const areSplits = (node: OutlineNode): boolean =>
  node.keys.size > 0 && [...node.keys.keys()].every((key) => parseSplit(splitPart(key)) !== null);

/** `oos_train` is training data as well. */
export const splitPart = (key: string): string => key.replace(/^[a-z]+_(?=(train|val|test|dev)$)/i, '');

/** How the document's root object holds a table, or null when it is a single row. */
export function documentLayout(root: OutlineNode): DocumentLayout | null {
  const orientation = orientationOf(root);
  if (orientation) return { layout: 'whole', orientation };
  return rowLists(root);
}

function orientationOf(root: OutlineNode): Orientation | null {
  const [columns, data, schema] = ['columns', 'data', 'schema'].map((key) => root.keys.get(key));
  if (columns?.kind === 'array' && data?.kind === 'array' && (data.items.has('array') || data.size === 0))
    return 'split';
  if (schema?.kind === 'object' && data?.kind === 'array' && schema.keys.has('fields')) return 'table';
  if (isByColumn(root)) return 'by-column';
  if (root.size === 0 || values(root).some(({ kind }) => kind !== 'object')) return null;
  if (areSplits(root) && values(root).every(isByColumn)) return 'split-tables';
  return nestedOrientation(root);
}

/** Lists of one length under the names of columns; single values beside them say something about the whole. */
function isByColumn(node: OutlineNode): boolean {
  if (node.kind !== 'object') return false;
  const lists = values(node).filter(({ kind }) => kind === 'array');
  const [first] = lists;
  if (!first || first.size === 0 || values(node).some(({ kind }) => kind === 'object')) return false;
  if (lists.some(({ size }) => size !== first.size) || lists.every(onlyObjects)) return false;
  if (areSplits(node)) return false;
  // A row may hold a list beside its text; a table by columns holds nothing else.
  return lists.length === node.keys.size;
}

/** Objects within an object: `{column: {row: cell}}` or `{row: {column: cell}}`. */
function nestedOrientation(root: OutlineNode): 'columns' | 'index' | null {
  const inner = values(root);
  const first = must(inner[0]);
  if (first.size === 0) return null;
  const alike = inner.filter(
    ({ size, keys }) => size === first.size && [...keys.keys()].every((key) => first.keys.has(key)),
  );
  if (inner.length > 1 && alike.length < 0.5 * inner.length) return null;
  const [outerKnown, innerKnown] = [root, first].map(({ keys }) =>
    [...keys.keys()].some((key) => KNOWN_NAMES.has(key.toLowerCase())),
  );
  if (innerKnown !== outerKnown) return innerKnown ? 'index' : 'columns';
  const [outerNumbered, innerNumbered] = [
    root.numbered === root.size,
    inner.every((node) => node.numbered === node.size),
  ];
  if (innerNumbered && !outerNumbered) return 'columns';
  if (outerNumbered && !innerNumbered) return 'index';
  if (root.size === 1 || (alike.length < inner.length && !outerNumbered)) return null;
  return root.size > first.size ? 'index' : 'columns';
}

/** Names of lists of turns, which are part of a row. */
const TURNS: ReadonlySet<string> = new Set([
  ...['messages', 'conversations', 'conversation', 'contents', 'turns', 'dialog', 'dialogue', 'history'],
  ...['prompt', 'completion', 'chosen', 'rejected', 'chosen_messages', 'rejected_messages', 'tools'],
]);

interface NamedList {
  parent: OutlineNode;
  name: string;
  node: OutlineNode;
}

/** All lists of objects in objects, the outer ones first. */
function listsIn(node: OutlineNode, depth: number): NamedList[] {
  const own = [...node.keys].filter(([, { kind, size }]) => kind === 'array' && size > 0);
  const here = own.map(([name, list]) => ({ parent: node, name, node: list }));
  if (depth >= DEEPEST) return here;
  return [
    ...here,
    ...values(node)
      .filter(({ kind }) => kind === 'object')
      .flatMap((child) => listsIn(child, depth + 1)),
  ];
}

function rowLists(root: OutlineNode): DocumentLayout | null {
  const all = listsIn(root, 1);
  const lists = (taken: readonly NamedList[], column: string | null): DocumentLayout => ({
    layout: 'lists',
    lists: taken.map(({ name, node }) => ({ name, at: node.at })).sort((a, b) => a.at - b.at),
    column,
    others: all.filter((list) => !taken.includes(list) && onlyObjects(list.node)).map(({ name }) => name),
  });
  const ofParent = (parent: OutlineNode): NamedList[] => all.filter((list) => list.parent === parent);
  // Splits side by side, whatever else the object says.
  for (const parent of new Set(all.map((list) => list.parent))) {
    const splits = ofParent(parent).filter(({ name }) => parseSplit(splitPart(name)) !== null);
    if (
      splits.length > 1 ||
      (splits.length === 1 && ofParent(parent).length === 1 && onlyObjects(must(splits[0]).node))
    )
      return lists(splits, 'split');
  }
  const objects = all.filter(({ node }) => onlyObjects(node));
  // Texts under the names of their labels.
  const flat = ofParent(root);
  if (
    flat.length > 1 &&
    flat.length === root.keys.size &&
    flat.every(({ node }) => sameItems(node, must(flat[0]).node))
  )
    if (!flat.some(({ name }) => ROW_LISTS.includes(name) || TURNS.has(name))) return lists(flat, 'key');
  const named = ROW_LISTS.map((name) => objects.find((list) => list.name === name)).find(Boolean);
  const largest = objects.toSorted((a, b) => b.node.size - a.node.size)[0];
  const best = named ?? largest;
  if (!best) return null;
  // A row may well hold a list of objects, such as a conversation: then it has a text beside it, and no wrapper has.
  if (best.parent === root && !named && TURNS.has(best.name)) return null;
  return lists([best], null);
}

const sameItems = (a: OutlineNode, b: OutlineNode): boolean =>
  a.items.size === 1 &&
  (a.items.has('object') || a.items.has('string')) &&
  [...a.items].every((kind) => b.items.has(kind));
