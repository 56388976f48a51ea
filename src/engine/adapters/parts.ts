/** Sorts what lies in an adapter's file: factors by layer, whole parameters, rows of embeddings, and the rest. */
import { TabtuneError } from '../../base/errors';
import { PEFT_PREFIX, type PeftAdapter } from '../../formats/peft';
import { namesLayer } from '../../formats/peft-targets';
import type { NamedTensor } from '../../formats/tensor';
import type { Anatomy } from '../anatomy';
import { unwrapped } from '../checkpoint-names';

/** A layer's factors: A [r, in] and B [out, r] of a linear layer, A [r, rows] and B [width, r] of an embedding. */
export interface Factors {
  a: NamedTensor;
  b: NamedTensor;
  /** DoRA's lengths [out]. */
  magnitude: NamedTensor | null;
  ofEmbedding: boolean;
}

export interface AdapterParts {
  /** By the layer's name in the model. */
  factors: Map<string, Factors>;
  /** Parameters that are in the file whole, by their names in the model. */
  whole: Map<string, { tensor: NamedTensor; key: string }>;
  /** New rows of an embedding, by its parameter's name. */
  rows: Map<string, NamedTensor>;
  /** Names in the file that nothing is made of. */
  unused: string[];
  /** Layers that the configuration names and the file has nothing of. */
  absent: string[];
}

/** `x.weight` of the model that a name in the file means, or undefined. */
function parameterNamed(name: string, known: ReadonlySet<string>, prefix: string): string | undefined {
  return [name, prefix + name].find((candidate) => known.has(candidate));
}

const FACTOR = /^(.+)\.lora_(?:(A|B)\.weight|(embedding_A|embedding_B)|(magnitude_vector)(?:\.weight)?)$/;
const ROWS = /^(.+)\.token_adapter\.trainable_tokens_delta$/;

type Found = { -readonly [K in keyof Factors]?: Factors[K] };

function addFactor(found: Map<string, Found>, layer: string, kind: string, tensor: NamedTensor): void {
  const factors = found.get(layer) ?? {};
  found.set(layer, factors);
  if (kind.endsWith('A')) factors.a = tensor;
  else if (kind.endsWith('B')) factors.b = tensor;
  else factors.magnitude = tensor;
  if (kind.startsWith('embedding')) factors.ofEmbedding = true;
}

function complete(layer: string, { a, b, magnitude = null, ofEmbedding = false }: Found): Factors {
  if (a && b) return { a, b, magnitude, ofEmbedding };
  throw new TabtuneError('bad-model', `The adapter holds one factor of "${layer}" only.`, {
    place: { tensor: layer },
    fix: 'Export the adapter again with PEFT.',
  });
}

/** Sorts the file's tensors for a model of this anatomy. Throws `bad-model` for a factor without its partner. */
export function adapterParts({ config, tensors }: PeftAdapter, anatomy: Anatomy): AdapterParts {
  const known = new Set([...anatomy.slots, ...anatomy.heads].map(({ name }) => name).concat('lm_head.weight'));
  const found = new Map<string, Found>();
  const whole: AdapterParts['whole'] = new Map();
  const rows: AdapterParts['rows'] = new Map();
  const unused: string[] = [];
  for (const [key, tensor] of tensors) {
    const name = unwrapped(key.startsWith(PEFT_PREFIX) ? key.slice(PEFT_PREFIX.length) : key);
    const [, layer, side, embedding, magnitude] = FACTOR.exec(name) ?? [];
    const module = layer ?? ROWS.exec(name)?.[1];
    if (module === undefined) {
      const parameter = parameterNamed(name.replace('.base_layer.', '.'), known, anatomy.prefix);
      if (parameter === undefined) unused.push(key);
      else whole.set(parameter, { tensor, key });
      continue;
    }
    const parameter = parameterNamed(`${module}.weight`, known, anatomy.prefix)?.replace(/\.weight$/, '');
    if (parameter === undefined || (layer !== undefined && namesLayer(config, parameter) === false)) unused.push(key);
    else if (layer === undefined) rows.set(`${parameter}.weight`, tensor);
    else addFactor(found, parameter, side ?? embedding ?? magnitude ?? '', tensor);
  }
  const factors = new Map([...found].map(([layer, one]) => [layer, complete(layer, one)]));
  const absent = [...anatomy.layers].filter((layer) => namesLayer(config, layer) === true && !factors.has(layer));
  return { factors, whole, rows, unused, absent };
}
