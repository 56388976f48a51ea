/**
 * What an adapter makes of its base model, as PEFT does when it loads it: the base as the adapter finds it, and what is
 * trained on; or the base with the adapter worked in.
 */
import { TabtuneError } from '../../base/errors';
import type { Json } from '../../base/json';
import type { AdapterFacts } from '../../domain/model';
import { toFloat32 } from '../../formats/dtype';
import { PEFT_PREFIX, type PeftAdapter } from '../../formats/peft';
import { refuseAdapter } from '../../formats/peft-config';
import { isSaved } from '../../formats/peft-targets';
import type { NamedTensor } from '../../formats/tensor';
import { anatomyOf } from '../anatomy';
import type { Tensors } from '../checkpoint-names';
import type { HfConfig } from '../types';
import { takeAway } from './base-change';
import { addProduct, dense, later, tensorLike, weightOf } from './matrices';
import { adapterParts, type Factors } from './parts';
import type { AdapterPlan } from './plan';
import { withWholeParameters } from './whole';
import { factsOf, hindrance, sentences } from './words';
import { baseWeight, rankOf, scalingOf, type Work } from './work';

/** A base model to train on. */
export interface Begun {
  config: HfConfig;
  tensors: Tensors;
  /** What is gone on with, by PEFT's names for the model's own; null for a new beginning. */
  adapter: { tensors: Tensors; plan: AdapterPlan } | null;
}

export interface ResolvedAdapter {
  facts: AdapterFacts;
  said: string[];
  /** The base as the adapter finds it; null where it cannot be gone on with, for the reason in the facts. */
  continued: (() => Begun) | null;
  /** The base with the adapter worked into its weights. */
  merged: () => Begun;
  /** Tensors of the file that training does not change and that its export carries on. */
  carried: readonly NamedTensor[];
  /** Its adapter_config.json. */
  whole: Json;
}

function checkFactorShapes(
  layer: string,
  { a, b, ofEmbedding }: Factors,
  [rows = 0, columns = 0]: readonly number[],
): void {
  const [out, inputs] = ofEmbedding ? [columns, rows] : [rows, columns];
  if (a.shape[1] === inputs && b.shape[0] === out && a.shape[0] === b.shape[1]) return;
  throw new TabtuneError(
    'bad-model',
    `The adapter's factors of "${layer}" are [${a.shape.join(', ')}] and [${b.shape.join(', ')}], which do not fit ` +
      `the base model's [${rows}, ${columns}].`,
    { place: { tensor: layer }, fix: 'Take the base model that the adapter was made for.' },
  );
}

/** Whether the weight of a layer lies [in, out]. */
const liesAcross = ({ anatomy }: Work, layer: string): boolean => anatomy.fanInFanOut && anatomy.layers.has(layer);

/** The base's weight as PEFT leaves it when it loads the adapter. */
function residual(work: Work, layer: string, factors: Factors): { key: string; tensor: NamedTensor } {
  const { key, tensor } = baseWeight(work, layer);
  const change = work.adapter.config.base_change;
  if (change === 'none' || factors.ofEmbedding) return { key, tensor };
  const across = liesAcross(work, layer);
  const make = (): NamedTensor => {
    const weight = weightOf(tensor, across);
    takeAway(weight, change, rankOf(factors), scalingOf(work.adapter, layer, rankOf(factors)));
    return tensorLike({ ...tensor, name: key }, weight, across);
  };
  return { key, tensor: later(key, tensor.shape, make) };
}

/** W + s·B·A, for DoRA with each row at its own length. */
function mergedWeight(work: Work, layer: string, factors: Factors): { key: string; tensor: NamedTensor } {
  const { key, tensor } = residual(work, layer, factors);
  const across = factors.ofEmbedding || liesAcross(work, layer);
  const make = (): NamedTensor => {
    const weight = weightOf(tensor, across);
    addProduct(weight, dense(factors.b), dense(factors.a), scalingOf(work.adapter, layer, rankOf(factors)));
    if (factors.magnitude) stretchRows(weight, toFloat32(factors.magnitude));
    return tensorLike({ ...tensor, name: key }, weight, across);
  };
  return { key, tensor: later(key, tensor.shape, make) };
}

function stretchRows({ rows, columns, values }: ReturnType<typeof dense>, lengths: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * columns, (row + 1) * columns);
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    const factor = length > 0 ? (lengths[row] ?? 0) / length : 0;
    own.forEach((value, i) => (own[i] = value * factor));
  }
}

/** Throws what is wrong with the adapter for this base: `bad-model`, `unsupported`. */
export function resolveAdapter(base: { config: HfConfig; tensors: Tensors }, adapter: PeftAdapter): ResolvedAdapter {
  const anatomy = anatomyOf(base.config);
  const work: Work = {
    adapter,
    anatomy,
    parts: adapterParts(adapter, anatomy),
    config: base.config,
    tensors: new Map(base.tensors),
  };
  refuseOlora(work);
  const { parts } = work;
  withWholeParameters(work);
  for (const [layer, factors] of parts.factors) {
    const [rows = 0, columns = 0] = baseWeight(work, layer).tensor.shape;
    checkFactorShapes(layer, factors, liesAcross(work, layer) ? [columns, rows] : [rows, columns]);
  }
  const obstacle = hindrance(work);
  const saved = new Map(
    [...parts.whole]
      .filter(([name]) => isSaved(adapter.config, name) || name.endsWith('.bias'))
      .map(([name, { key }]) => [name, key]),
  );
  const carried = [...adapter.tensors.values()].filter(
    ({ name }) =>
      [...parts.whole].some(([parameter, { key }]) => key === name && !saved.has(parameter)) ||
      [...parts.rows.values()].some((rows) => rows.name === name),
  );
  return {
    facts: factsOf(work, obstacle),
    said: sentences(work, obstacle),
    continued: obstacle === null ? () => continuedOf(work, saved) : null,
    merged: () => mergedOf(work),
    carried,
    whole: adapter.config.whole,
  };
}

/** OLoRA of Conv1D layers has factors of impossible shapes in PEFT itself. */
function refuseOlora({ adapter, anatomy }: Work): void {
  if (adapter.config.base_change === 'olora' && anatomy.fanInFanOut)
    refuseAdapter('unsupported', '`init_lora_weights`: "olora" cannot be read for layers that are stored [in, out].');
}

function continuedOf(work: Work, saved: AdapterPlan['saved']): Begun {
  const { parts, adapter } = work;
  const tensors = new Map(work.tensors);
  const own = new Map<string, NamedTensor>();
  const layers = new Map<string, { rank: number; scaling: number }>();
  for (const [layer, factors] of parts.factors) {
    const { key, tensor } = residual(work, layer, factors);
    tensors.set(key, tensor);
    const rank = rankOf(factors);
    layers.set(layer, { rank, scaling: scalingOf(adapter, layer, rank) });
    for (const [side, factor] of [
      ['A', factors.a],
      ['B', factors.b],
    ] as const) {
      const name = `${PEFT_PREFIX}${layer}.lora_${side}.weight`;
      own.set(name, { ...factor, name, bytes: factor.bytes });
    }
  }
  for (const [name, { tensor }] of parts.whole) {
    const key = `${PEFT_PREFIX}${name}`;
    own.set(key, { ...tensor, name: key, bytes: tensor.bytes });
  }
  return { config: work.config, tensors, adapter: { tensors: own, plan: { layers, saved } } };
}

function mergedOf(work: Work): Begun {
  const tensors = new Map(work.tensors);
  for (const [layer, factors] of work.parts.factors) {
    const { key, tensor } = mergedWeight(work, layer, factors);
    tensors.set(key, tensor);
  }
  return { config: work.config, tensors, adapter: null };
}
