/**
 * Multi-head self-attention on WebGPU without an [S, S] tensor and without barriers: a thread keeps a few rows in
 * registers and goes over the others with a running softmax; the gradient computes the probabilities again from each
 * row's log-sum (Dao, arXiv:2307.08691).
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { gpuAdapter } from '../../backend/gpu-device';
import { DROPOUT, f32, gpuRun, MAIN, threads, u32, type Uniform } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import type { AttentionShape } from './reference';

/**
 * What is fixed in a shader: the size of a head, the rows that a thread keeps, and whether q, k and v (and their
 * gradients) are planes of one tensor.
 */
interface Tile {
  headSize: number;
  rows: number;
  planes: boolean;
}

/** q, k and v, [batch·length, heads·headSize] each, or as the planes of one tensor. */
export type Sources = readonly [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] | tf.Tensor3D;

const inPlanes = (sources: Sources): sources is tf.Tensor3D => !Array.isArray(sources);

const each = (count: number, line: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** Reads and writes a head's values four at a time; sizes that are no multiple of four are filled up with zeros. */
class Head {
  readonly quads: number;
  private readonly size: number;
  private readonly planes: boolean;

  constructor({ headSize, planes }: Tile) {
    this.size = headSize;
    this.planes = planes;
    this.quads = Math.ceil(headSize / 4);
  }

  /** The binding that holds a tensor, and where its values begin in it. */
  private source(name: string): { array: string; ahead: string } {
    const plane = 'qkv'.indexOf(name.slice(-1));
    if (!this.planes || !/^d?[qkv]$/.test(name)) return { array: name, ahead: '' };
    return { array: name.startsWith('d') ? 'dqkv' : 'qkv', ahead: ` + ${plane}u * u.batch * u.length * width` };
  }

  private get whole(): boolean {
    return this.size % 4 === 0;
  }

  bindings(
    inputs: readonly string[],
    plain: readonly string[],
    outputs: readonly string[],
    plainOutputs: readonly string[],
  ): string {
    const type = this.whole ? 'vec4f' : 'f32';
    const arrays = (names: readonly string[]): string[] => [...new Set(names.map((name) => this.source(name).array))];
    const declared = [
      ...arrays(inputs).map((name) => `<storage, read> ${name}: array<${type}>`),
      ...plain.map((name) => `<storage, read> ${name}: array<f32>`),
      ...arrays(outputs).map((name) => `<storage, read_write> ${name}: array<${type}>`),
      ...plainOutputs.map((name) => `<storage, read_write> ${name}: array<f32>`),
    ];
    return [
      `struct Uniforms { ${DROPOUT_FIELDS}, batch: u32, length: u32, heads: u32, scale: f32 }`,
      ...declared.map((line, i) => `@group(0) @binding(${i}) var${line};`),
      `@group(0) @binding(${declared.length}) var<uniform> u: Uniforms;`,
      DROPOUT,
    ].join('\n');
  }

  /** `let name_0 … name_n` of the head that begins at value `at`. */
  load(name: string, from: string, start: string): string {
    const { array, ahead } = this.source(from);
    const at = `(${start}${ahead})`;
    if (this.whole) return each(this.quads, (c) => `let ${name}_${c} = ${array}[${at} / 4u + ${c}u];`, ' ');
    const value = (d: number): string => (d < this.size ? `${array}[${at} + ${d}u]` : '0.0');
    return each(this.quads, (c) => `let ${name}_${c} = vec4f(${each(4, (e) => value(4 * c + e), ', ')});`, ' ');
  }

  store(to: string, start: string, value: (quad: number) => string): string {
    const { array, ahead } = this.source(to);
    const at = `(${start}${ahead})`;
    if (this.whole) return each(this.quads, (c) => `${array}[${at} / 4u + ${c}u] = ${value(c)};`, ' ');
    return each(this.size, (d) => `${array}[${at} + ${d}u] = (${value(d >> 2)})[${d & 3}];`, ' ');
  }

  zeros(name: string): string {
    return each(this.quads, (c) => `var ${name}_${c} = vec4f();`, ' ');
  }

  dot(a: string, b: string): string {
    return each(this.quads, (c) => `dot(${a}_${c}, ${b}_${c})`, ' + ');
  }
}

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

function forwardShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['q', 'k', 'v'], ['mask'], ['context'], ['stats'])}
${MAIN}${place(tile)}
  ${each(rows, (r) => `${head.load(`q${r}`, 'q', `(start + row${r} * width)`)} ${head.zeros(`out${r}`)} var highest${r} = -1e30; var sum${r} = 0.0;`)}
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
  ${each(rows, (r) => `${beyond(r)} stats[line + row${r}] = highest${r} + log(sum${r}); if (h == 0u) { stats[realKeys + row${r}] = mask[b * u.length + row${r}]; } { let scaled = 1.0 / sum${r}; ${head.store('context', `(start + row${r} * width)`, (c) => `out${r}_${c} * scaled`)} }`)}
}`;
}

/** dq, and Σ dy·context of each row, which the other shader needs. */
function queryShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['dy', 'q', 'k', 'v', 'context'], ['stats'], ['dq'], ['along'])}
${MAIN}${place(tile)}
  ${each(
    rows,
    (
      r,
    ) => `${head.load(`q${r}`, 'q', `(start + row${r} * width)`)} ${head.load(`dy${r}`, 'dy', `(start + row${r} * width)`)} ${head.load(`o${r}`, 'context', `(start + row${r} * width)`)}
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
  ${each(rows, (r) => `${beyond(r)} along[line + row${r}] = along${r}; ${head.store('dq', `(start + row${r} * width)`, (c) => `dq${r}_${c}`)}`)}
}`;
}

function keyShader(tile: Tile): string {
  const head = new Head(tile);
  const { rows } = tile;
  return /* wgsl */ `
${head.bindings(['dy', 'q', 'k', 'v'], ['stats', 'along'], ['dk', 'dv'], [])}
${MAIN}${place(tile)}
  ${each(rows, (r) => `${head.load(`k${r}`, 'k', `(start + row${r} * width)`)} ${head.load(`v${r}`, 'v', `(start + row${r} * width)`)} ${head.zeros(`dk${r}`)} ${head.zeros(`dv${r}`)} let real${r} = stats[realKeys + row${r}];`)}
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
  ${each(rows, (r) => `${beyond(r)} ${head.store('dk', `(start + row${r} * width)`, (c) => `dk${r}_${c}`)} ${head.store('dv', `(start + row${r} * width)`, (c) => `dv${r}_${c}`)}`)}
}`;
}

/** Values that a thread may keep for one tensor: loads are what costs on software adapters, registers on GPUs. */
const MOST_KEPT = 128;
const MOST_ROWS = 4;

function tileFor({ headSize }: AttentionShape, planes: boolean): Tile {
  const rows = gpuAdapter()?.software ? Math.min(MOST_ROWS, Math.floor(MOST_KEPT / headSize)) : 1;
  return { headSize, rows: Math.max(1, rows), planes };
}

const uniformsOf = (s: AttentionShape, drop: DropoutKey): Uniform[] => [
  ...dropoutUniforms(drop),
  u32(s.batch),
  u32(s.length),
  u32(s.heads),
  f32(1 / Math.sqrt(s.headSize)),
];
const workgroupsOf = (s: AttentionShape, { rows }: Tile): [number, number] =>
  threads(s.batch * s.heads * Math.ceil(s.length / rows));

const sizeOf = ({ batch, length, heads, headSize }: AttentionShape): [number, number] => [
  batch * length,
  heads * headSize,
];
const tensorsOf = (sources: Sources): readonly tf.Tensor[] => (inPlanes(sources) ? [sources] : sources);

/** `stats` takes the mask along for the gradient: a shader may have no more than eight buffers on every device. */
export function forward(
  gpu: WebGPUBackend,
  sources: Sources,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; stats: tf.Tensor1D } {
  const { batch, heads, length } = shape;
  const tile = tileFor(shape, inPlanes(sources));
  const [context, stats] = gpuRun(gpu, {
    code: forwardShader(tile),
    inputs: [...tensorsOf(sources), fed([mask.length], 'float32', () => Float32Array.from(mask), mask)],
    outputs: [sizeOf(shape), [batch * (heads + 1) * length]],
    uniforms: uniformsOf(shape, drop),
    workgroups: workgroupsOf(shape, tile),
  }) as [tf.Tensor2D, tf.Tensor1D];
  return { context, stats };
}

/**
 * @param kept sources, context and stats of the forward pass: log Σ exp(score) of each row [batch, heads, length], then
 * the mask [batch, length]
 */
export function backward<S extends Sources>(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  [sources, context, stats]: readonly [S, tf.Tensor2D, tf.Tensor1D],
  shape: AttentionShape,
  drop: DropoutKey,
): S {
  const { batch, heads, length } = shape;
  const planes = inPlanes(sources);
  const tile = tileFor(shape, planes);
  const [uniforms, workgroups] = [uniformsOf(shape, drop), workgroupsOf(shape, tile)];
  const size = sizeOf(shape);
  const queries = {
    code: queryShader(tile),
    inputs: [dy, ...tensorsOf(sources), context, stats],
    outputs: [planes ? [3, ...size] : size, [batch * heads * length]],
    uniforms,
    workgroups,
  };
  const [dq, along] = gpuRun(gpu, queries) as [tf.Tensor, tf.Tensor1D];
  // Planes: the shader goes on with the tensor whose first plane has been written.
  const inputs = [dy, ...tensorsOf(sources), stats, along, ...(planes ? [dq] : [])];
  const rest = gpuRun(gpu, {
    code: keyShader(tile),
    inputs,
    outputs: planes ? [] : [size, size],
    uniforms,
    workgroups,
  });
  return (planes ? dq : [dq, ...rest]) as S;
}
