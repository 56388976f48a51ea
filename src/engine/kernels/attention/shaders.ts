/**
 * The three shaders of self-attention: a thread keeps a few rows in registers and goes over the others. The gradient
 * computes the probabilities again from each row's log-sum.
 */
import { MAIN } from '../../backend/gpu-run';
import { each, Head, type Tile } from './head';

/** Where thread `index` works: rows `first` … of head h of batch row b; `at(row)` is where the head of a row begins. */
const place = ({ headSize, rows }: Tile): string => /* wgsl */ `
  let tiles = (u.length + ${rows - 1}u) / ${rows}u;
  if (index >= u.batch * u.heads * tiles) { return; }
  let first = (index % tiles) * ${rows}u;
  let h = (index / tiles) % u.heads;
  let b = index / (tiles * u.heads);
  let width = u.heads * ${headSize}u;
  let start = b * u.length * width + h * ${headSize}u;
  let line = (b * u.heads + h) * u.length;
  let realKeys = (u.batch * u.heads + b) * u.length;
  ${each(rows, (r) => `let row${r} = min(first + ${r}u, u.length - 1u);`, ' ')}`;

const beyond = (r: number): string => `if (first + ${r}u >= u.length) { return; }`;
const dropped = (row: string, key: string): string =>
  `dropoutFactor(u.key, u.threshold, u.keep, (line + ${row}) * u.length + ${key})`;

/** Where the head of the thread's row r begins. */
const rowAt = (r: number): string => `(start + row${r} * width)`;

/** context, and log Σ exp(score) of each row with the mask behind. */
export function forwardShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['q', 'k', 'v'], ['mask'], ['context'], ['stats'])}
${MAIN}${place(tile)}
  ${each(
    rows,
    (r) => `${head.load(`q${r}`, 'q', rowAt(r))}
    ${head.zeros(`out${r}`)} var highest${r} = -1e30; var sum${r} = 0.0;`,
  )}
  for (var j = 0u; j < u.length; j++) {
    if (mask[b * u.length + j] == 0.0) { continue; }
    ${head.load('kj', 'k', '(start + j * width)')}
    ${head.load('vj', 'v', '(start + j * width)')}
    ${each(
      rows,
      (r) => `{
      let score = (${head.dot(`q${r}`, 'kj')}) * u.scale;
      let higher = max(highest${r}, score);
      let shrink = exp(highest${r} - higher);
      let p = exp(score - higher);
      highest${r} = higher;
      sum${r} = sum${r} * shrink + p;
      let weight = p * ${dropped(`row${r}`, 'j')};
      ${each(head.quads, (c) => `out${r}_${c} = out${r}_${c} * shrink + weight * vj_${c};`, ' ')}
    }`,
    )}
  }
  ${each(
    rows,
    (r) => `${beyond(r)}
    stats[line + row${r}] = highest${r} + log(sum${r});
    if (h == 0u) { stats[realKeys + row${r}] = mask[b * u.length + row${r}]; }
    { let scaled = 1.0 / sum${r}; ${head.store('context', rowAt(r), (c) => `out${r}_${c} * scaled`)} }`,
  )}
}`;
}

/** dq, and Σ dy·context of each row, which the other shader needs. */
export function queryShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['dy', 'q', 'k', 'v', 'context'], ['stats'], ['dq'], ['along'])}
${MAIN}${place(tile)}
  ${each(
    rows,
    (r) => `${head.load(`q${r}`, 'q', rowAt(r))} ${head.load(`dy${r}`, 'dy', rowAt(r))}
    ${head.load(`o${r}`, 'context', rowAt(r))}
    ${head.zeros(`dq${r}`)} let log${r} = stats[line + row${r}]; let along${r} = ${head.dot(`dy${r}`, `o${r}`)};`,
  )}
  for (var j = 0u; j < u.length; j++) {
    if (stats[realKeys + j] == 0.0) { continue; }
    ${head.load('kj', 'k', '(start + j * width)')}
    ${head.load('vj', 'v', '(start + j * width)')}
    ${each(
      rows,
      (r) => `{
      let p = exp((${head.dot(`q${r}`, 'kj')}) * u.scale - log${r});
      let ds = p * ((${head.dot(`dy${r}`, 'vj')}) * ${dropped(`row${r}`, 'j')} - along${r}) * u.scale;
      ${each(head.quads, (c) => `dq${r}_${c} += ds * kj_${c};`, ' ')}
    }`,
    )}
  }
  ${each(
    rows,
    (r) => `${beyond(r)} along[line + row${r}] = along${r}; ${head.store('dq', rowAt(r), (c) => `dq${r}_${c}`)}`,
  )}
}`;
}

/** dk and dv. */
export function keyShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['dy', 'q', 'k', 'v'], ['stats', 'along'], ['dk', 'dv'], [])}
${MAIN}${place(tile)}
  ${each(
    rows,
    (r) => `${head.load(`k${r}`, 'k', rowAt(r))} ${head.load(`v${r}`, 'v', rowAt(r))}
    ${head.zeros(`dk${r}`)} ${head.zeros(`dv${r}`)} let real${r} = stats[realKeys + row${r}];`,
  )}
  for (var i = 0u; i < u.length; i++) {
    ${head.load('qi', 'q', '(start + i * width)')}
    ${head.load('dyi', 'dy', '(start + i * width)')}
    let log = stats[line + i];
    let alongRow = along[line + i];
    ${each(
      rows,
      (r) => `{
      let p = select(0.0, exp((${head.dot(`k${r}`, 'qi')}) * u.scale - log), real${r} != 0.0);
      let factor = ${dropped('i', `row${r}`)};
      let ds = p * ((${head.dot(`v${r}`, 'dyi')}) * factor - alongRow) * u.scale;
      let weight = p * factor;
      ${each(head.quads, (c) => `dk${r}_${c} += ds * qi_${c}; dv${r}_${c} += weight * dyi_${c};`, ' ')}
    }`,
    )}
  }
  ${each(
    rows,
    (r) => `${beyond(r)} ${head.store('dk', rowAt(r), (c) => `dk${r}_${c}`)}
    ${head.store('dv', rowAt(r), (c) => `dv${r}_${c}`)}`,
  )}
}`;
}
