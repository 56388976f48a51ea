/** Circles of imports: files that need each other, directly or by way of others. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

/** @param {string} folder @returns {string[]} paths of its TypeScript files, tests and assembly left out */
const sourceFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?<!\.d|\.test)\.tsx?$/.test(path) && !path.split(sep).includes('assembly'))
    .map((path) => join(folder, path));

/** The file that an import names, or null for what is no TypeScript of ours. @param {string} from @param {string} name */
function resolved(from, name) {
  if (!name.startsWith('.')) return null;
  const base = join(dirname(from), name);
  const candidates = [base, `${base}.ts`, `${base}.tsx`, join(base, 'index.ts')];
  return candidates.find((path) => /\.tsx?$/.test(path) && existsSync(path) && statSync(path).isFile()) ?? null;
}

/**
 * Every group of files in a folder that import each other in a circle; those of types and those at run time
 * (`import()`) count.
 * @param {string} folder absolute path
 * @returns {string[][]} paths relative to the folder, sorted
 */
export function importCircles(folder) {
  const files = sourceFiles(folder);
  const imports = new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
      return [file, importedFiles.flatMap(({ fileName }) => resolved(file, fileName) ?? [])];
    }),
  );
  return circles(files, (file) => imports.get(file) ?? []).map((circle) =>
    circle.map((file) => relative(folder, file).split(sep).join('/')).sort(),
  );
}

/**
 * Tarjan's strongly connected components with more than one node, or with an edge to itself.
 * @param {string[]} nodes
 * @param {(node: string) => string[]} next
 */
function circles(nodes, next) {
  /** @type {Map<string, { index: number, low: number, open: boolean }>} */
  const seen = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const found = [];
  /** @param {string} node */
  const visit = (node) => {
    const mine = { index: seen.size, low: seen.size, open: true };
    seen.set(node, mine);
    stack.push(node);
    for (const other of next(node)) {
      const theirs = seen.get(other) ?? visit(other);
      if (theirs.open) mine.low = Math.min(mine.low, theirs.low);
    }
    if (mine.low === mine.index) {
      const group = stack.splice(stack.indexOf(node));
      for (const member of group) /** @type {{ open: boolean }} */ (seen.get(member)).open = false;
      if (group.length > 1 || next(node).includes(node)) found.push(group);
    }
    return mine;
  };
  for (const node of nodes) if (!seen.has(node)) visit(node);
  return found;
}
