/** Llama 3's scaling of rotary frequencies: as a divisor of each frequency in GGUF, as four figures in config.json. */
import { must } from '../../../base/assert';

/** The figures of config.json; `original` is `original_max_position_embeddings`. */
export interface Llama3Scaling {
  factor: number;
  low: number;
  high: number;
  original: number;
}

/** Tokens after which pair i of a head has turned once. */
const wavelength = (i: number, headSize: number, theta: number): number => 2 * Math.PI * theta ** ((2 * i) / headSize);

/**
 * What each of the headSize / 2 frequencies is divided by: nothing where the wavelength is short, `factor` where it is
 * long, and in between a blend (transformers, `_compute_llama3_parameters`; llama.cpp's converter, `rope_freqs`).
 */
export function llama3Divisors(
  { factor, low, high, original }: Llama3Scaling,
  headSize: number,
  theta: number,
): Float32Array {
  return Float32Array.from({ length: headSize / 2 }, (_, i) => {
    const turns = original / wavelength(i, headSize, theta);
    if (turns > high) return 1;
    if (turns < low) return factor;
    const smooth = (turns - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/**
 * The published settings of Llama 3.1 to 3.3; the figures are only fixed up to a common factor of low, high and
 * original.
 */
const USUAL = { low: 1, high: 4, original: 8192 };
const LARGEST_ERROR = 1e-3;

/** The figures that give these divisors, or null when none do. */
export function llama3ScalingOf(divisors: Float32Array, headSize: number, theta: number): Llama3Scaling | null {
  const factor = divisors.reduce((most, value) => Math.max(most, value), 1);
  if (divisors.length !== headSize / 2 || !(factor > 1) || !Number.isFinite(factor)) return null;
  const fits = (scaling: Llama3Scaling): boolean =>
    llama3Divisors(scaling, headSize, theta).every(
      (value, i) => Math.abs(value - must(divisors[i])) <= LARGEST_ERROR * value,
    );
  return (
    candidates(divisors, factor, (i) => wavelength(i, headSize, theta))
      .map((figures) => ({ factor, ...figures }))
      .find(fits) ?? null
  );
}

function candidates(
  divisors: Float32Array,
  factor: number,
  wave: (i: number) => number,
): Omit<Llama3Scaling, 'factor'>[] {
  const found = [USUAL];
  // The blended ones lie on a line: smooth = original / (high − low) · 1 / wavelength − low / (high − low).
  const blended = [...divisors.keys()].filter((i) => must(divisors[i]) > 1.0001 && must(divisors[i]) < 0.9999 * factor);
  const smooth = (i: number): number => (1 / must(divisors[i]) - 1 / factor) / (1 - 1 / factor);
  const [first, last] = [blended[0], blended.at(-1)];
  if (first === undefined || last === undefined) {
    const shortest = divisors.findIndex((value) => value > 1);
    if (shortest > 0)
      found.push({ ...USUAL, original: Math.round(Math.sqrt(USUAL.high * wave(shortest - 1) * wave(shortest))) });
    return found;
  }
  found.push({ ...USUAL, original: Math.round(wave(first) * (smooth(first) * (USUAL.high - USUAL.low) + USUAL.low)) });
  if (first !== last) {
    const slope = (smooth(first) - smooth(last)) / (1 / wave(first) - 1 / wave(last));
    const intercept = smooth(first) - slope / wave(first);
    const width = -1 / intercept;
    found.push({ low: 1, high: 1 + width, original: Math.round(slope * width) });
  }
  return found;
}
