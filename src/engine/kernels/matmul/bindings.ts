/** What a matrix product kernel is bound to: its uniforms, inputs and outputs, and how dropout reads them. */
import { DROPOUT } from '../../backend/gpu-run';
import { quadReader } from '../packed/wgsl';
import type { Operands } from './operands';

export type Element = 'f32' | 'vec4f';

/** Whether the uniforms go on after the sizes. */
export const hasFactors = ({ scaled, drop }: Operands): boolean => scaled || drop !== null;

const factorAt = (at: string): string => `dropoutFactor(key, u.threshold, u.keep, ${at})`;

/** `dropped(value, part, at)`: values number `at` of a tensor after dropout. */
function dropping(element: Element): string {
  const four = (): string => `vec4f(${[0, 1, 2, 3].map((c) => factorAt(`4u * at + ${c}u`)).join(', ')})`;
  return /* wgsl */ `${DROPOUT}
fn dropped(value: ${element}, part: u32, at: u32) -> ${element} {
  let key = u.keys[part];
  return value * ${element === 'f32' ? factorAt('at') : four()};
}`;
}

const declared = (at: number, access: string, name: string, element: string): string =>
  `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<${element}>;`;

export function bindings(
  inputs: readonly string[],
  outputs: readonly string[],
  operands: Operands,
  element: Element,
): string {
  const { packed, drop } = operands;
  const factors = hasFactors(operands);
  return /* wgsl */ `
struct Uniforms {
  m: u32, n: u32, k: u32${packed || factors ? ', scalesAt: u32' : ''}
  ${factors ? ', scale: f32, threshold: u32, keep: f32, unused: u32, keys: vec4u' : ''}
}
${inputs.map((name, i) => declared(i, 'read', name, packed && name === 'b0' ? 'u32' : element)).join('\n')}
${outputs.map((name, i) => declared(inputs.length + i, 'read_write', name, element)).join('\n')}
@group(0) @binding(${inputs.length + outputs.length}) var<uniform> u: Uniforms;
${packed && inputs.includes('b0') ? quadReader('b0', packed) : ''}
${drop ? dropping(element) : ''}`;
}
