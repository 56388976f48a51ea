/** GELU and its derivative as a WGSL function, for this kernel and for products that end in it. */
import type { GeluForm } from './reference';

/** Normal distribution by Abramowitz & Stegun 7.1.26, error below 1.5e-7. */
const ERF = (type: string): string => /* wgsl */ `
  let z = abs(x) * 0.70710678118;
  let bell = exp(-z * z);
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let tail = 0.5 * bell * t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let distribution = select(1.0 - tail, tail, x < ${type}());
  return Gelu(x * distribution, distribution + x * bell * 0.39894228040);`;

/** tanh is clamped: some drivers overflow in it for large arguments. */
const TANH = (type: string): string => /* wgsl */ `
  let bent = tanh(clamp(0.79788456080 * x * (1.0 + 0.044715 * x * x), ${type}(-15.0), ${type}(15.0)));
  let half = 0.5 * (1.0 + bent);
  return Gelu(x * half, half + 0.5 * x * (1.0 - bent * bent) * 0.79788456080 * (1.0 + 0.134145 * x * x));`;

/** Declares `gelu(x)`, which gives value and slope. */
export const geluFunction = (form: GeluForm, type: 'f32' | 'vec4f'): string => /* wgsl */ `
struct Gelu { value: ${type}, slope: ${type} }
fn gelu(x: ${type}) -> Gelu {${(form === 'erf' ? ERF : TANH)(type)}
}`;
