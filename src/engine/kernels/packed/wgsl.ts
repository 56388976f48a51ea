/** WGSL that reads packed matrices. */
import type { Bits } from './matrix';

/**
 * `<name>Quad(at, scalesAt)`: the four values that a matrix without packing would hold at 4·at, from its words
 * `<name>`. Halves are unpacked by integer arithmetic: `unpack2x16float` may drop those below 2⁻¹⁴, which scales of
 * small weights, and some weights themselves, are.
 */
export const quadReader = (name: string, bits: Bits): string => /* wgsl */ `
fn halves(word: u32) -> vec2f {
  let bits = vec2u(word & 0xffffu, word >> 16u);
  let magnitude = bits & vec2u(0x7fffu);
  let usual = bitcast<vec2f>((magnitude << vec2u(13u)) + vec2u(0x38000000u));
  let value = select(usual, vec2f(magnitude) * 0x1p-24f, magnitude < vec2u(0x400u));
  return select(value, -value, bits > vec2u(0x7fffu));
}
fn ${name}Quad(at: u32, scalesAt: u32) -> vec4f {
  ${bits === 16 ? `return vec4f(halves(${name}[2u * at]), halves(${name}[2u * at + 1u]));` : scaled(name, bits)}
}`;

const scaled = (name: string, bits: Bits): string => /* wgsl */ `let block = at / 8u;
  let scale = halves(${name}[scalesAt + block]);
  ${bits === 8 ? SIGNED_BYTES(name) : NIBBLES(name)}
  return scale.x * vec4f(q) + scale.y;`;

const SIGNED_BYTES = (name: string): string =>
  `let q = (vec4i(bitcast<i32>(${name}[at])) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);`;

const NIBBLES = (name: string): string => `let within = at % 8u;
  let q = (vec4u(${name}[block * 4u + within % 4u]) >> (vec4u(0u, 8u, 16u, 24u) + within / 4u * 4u)) & vec4u(15u);`;
