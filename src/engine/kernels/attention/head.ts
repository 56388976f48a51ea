/** WGSL that reads and writes one head of a row of q, k, v and what goes with them. */
import { DROPOUT } from '../../backend/gpu-run';
import { DROPOUT_FIELDS } from '../dropout/webgpu';

/**
 * What is fixed in a shader: the size of a head, the rows that a thread keeps, and whether q, k and v (and their
 * gradients) are planes of one tensor.
 */
export interface Tile {
  headSize: number;
  rows: number;
  planes: boolean;
}

export const each = (count: number, line: (i: number) => string, separator = '\n'): string =>
  Array.from({ length: count }, (_, i) => line(i)).join(separator);

/** Reads and writes a head's values four at a time; sizes that are no multiple of four are filled up with zeros. */
export class Head {
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
