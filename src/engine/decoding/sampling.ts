/** From logits to the next token, in the order in which transformers' generate applies its settings. */
import { must } from '../../base/assert';
import type { SeededRandom } from '../../base/random';
import type { GenerationSettings } from '../../domain/generation';

/**
 * Divides positive logits of tokens that were seen, multiplies negative ones (Keskar et al. 2019, arXiv:1909.05858).
 */
function penalize(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of seen) {
    const logit = must(logits[id]);
    logits[id] = logit < 0 ? logit * penalty : logit / penalty;
  }
}

/** The first of the largest values. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (must(values[i]) > must(values[best])) best = i;
  return best;
}

/**
 * Ids to draw from with their weights, likeliest first: top-k, then nucleus sampling (Holtzman et al. 2019,
 * arXiv:1904.09751).
 */
function candidates(
  logits: Float32Array,
  { temperature, topK, topP }: GenerationSettings,
): { ids: number[]; weights: number[] } {
  const order = Array.from(logits.keys()).sort((a, b) => must(logits[b]) - must(logits[a]));
  const ids = topK > 0 ? order.slice(0, topK) : order;
  const highest = must(logits[ids[0] ?? 0]);
  const weights = ids.map((id) => Math.exp((must(logits[id]) - highest) / temperature));
  if (topP >= 1) return { ids, weights };
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  for (let mass = 0; kept < ids.length && mass < topP * total; kept++) mass += must(weights[kept]);
  return { ids: ids.slice(0, Math.max(1, kept)), weights: weights.slice(0, Math.max(1, kept)) };
}

/**
 * The next token for these logits, which are changed in place.
 * @param seen tokens of the prompt and of the answer so far, for the repetition penalty
 */
export function nextToken(
  logits: Float32Array,
  settings: GenerationSettings,
  seen: ReadonlySet<number>,
  random: SeededRandom,
): number {
  penalize(logits, seen, settings.repetitionPenalty);
  if (!settings.doSample) return argMax(logits);
  const { ids, weights } = candidates(logits, settings);
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, id] of ids.entries()) {
    left -= must(weights[i]);
    if (left < 0) return id;
  }
  return ids.at(-1) ?? 0;
}
