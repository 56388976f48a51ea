/** LoRA adapters as GGUF files, which llama.cpp applies to a base model in GGUF. */
import type { Json } from '../../base/json';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { fromFloat32 } from '../dtype';
import type { NamedTensor } from '../tensor';
import { dequantize } from './dequantize';
import { readGgufHeader } from './header';
import { GgufMetadata } from './metadata';
import { ggufName, hfName } from './names';
import { unpermutedRows } from './rows';
import { writeGguf } from './write';
import type { GgufEntry, GgufTensor } from './write';
import { ggufArchitectureOf } from './write-config';
import { headsOf, inGgufLayout } from './write-model';

const PEFT_PREFIX = 'base_model.model.';
const FACTOR = /^(.+)\.lora_([AB])\.weight$/;

/**
 * The file of an adapter whose `tensors` carry PEFT's file names (`base_model.model.….q_proj.lora_A.weight` [r, in],
 * `lora_B` [out, r]). As llama.cpp's converter: rows of B follow the rows of the base weight. Throws `unsupported` for
 * saved modules, which llama.cpp cannot apply.
 */
export function writeGgufAdapter(options: {
  config: Json;
  tensors: readonly NamedTensor[];
  alpha: number;
  /** By layer, where scalings are not alpha ÷ rank: llama.cpp knows of no other, so that B takes the difference. */
  scalings?: ReadonlyMap<string, { rank: number; scaling: number }> | undefined;
  name: string;
}): Uint8Array<ArrayBuffer> {
  const { config, tensors, alpha, scalings, name } = options;
  const architecture = ggufArchitectureOf(config);
  const heads = headsOf(config);
  const factors = tensors.map((tensor): GgufTensor => {
    const bare = tensor.name.startsWith(PEFT_PREFIX) ? tensor.name.slice(PEFT_PREFIX.length) : tensor.name;
    const [, module = '', side] = FACTOR.exec(bare) ?? [];
    const target = ggufName(architecture, `${module}.weight`);
    if (!target || side === undefined)
      throw new TabtuneError('unsupported', `A GGUF adapter cannot hold "${tensor.name}".`, {
        place: { tensor: tensor.name },
        fix: 'Export the merged model, or the adapter for PEFT.',
      });
    // The file holds GPT-2's matrices the other way round, which is how PEFT's factors see them already.
    const layout = side === 'B' && target.layout !== 'transposed' ? target.layout : 'same';
    const own = side === 'B' ? scalings?.get(module) : undefined;
    const factor = own ? (own.scaling * own.rank) / alpha : 1;
    const laidOut = inGgufLayout(tensor, layout, heads);
    const values = factor === 1 ? laidOut : laidOut.map((value) => value * factor);
    return {
      name: `${target.name}.lora_${side.toLowerCase()}`,
      type: 'F32',
      shape: tensor.shape,
      pack: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    };
  });
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { type: 'string', value: architecture }],
    ['general.type', { type: 'string', value: 'adapter' }],
    ['general.name', { type: 'string', value: name }],
    ['adapter.type', { type: 'string', value: 'lora' }],
    ['adapter.lora.alpha', { type: 'f32', value: alpha }],
  ]);
  return writeGguf(metadata, factors);
}

/** How llama.cpp counts an adapter: alpha ÷ the rank of each layer. */
export function ggufPlan(
  tensors: ReadonlyMap<string, NamedTensor>,
  alpha: number,
): { layers: Map<string, { rank: number; scaling: number }>; saved: Map<string, string> } {
  const layers = new Map<string, { rank: number; scaling: number }>();
  for (const { name, shape } of tensors.values()) {
    const [, layer = '', side] = FACTOR.exec(name.slice(PEFT_PREFIX.length)) ?? [];
    const [rank = 1] = shape;
    if (side === 'A') layers.set(layer, { rank, scaling: alpha / rank });
  }
  return { layers, saved: new Map() };
}

/**
 * An adapter's factors under PEFT's file names, in F32, with its alpha, for a base model with this `config`. Throws
 * `bad-model` for a file that is no LoRA adapter or is for another architecture.
 */
export async function readGgufAdapter(
  source: ByteSource,
  config: Json,
): Promise<{ alpha: number; tensors: Map<string, NamedTensor> }> {
  const header = await readGgufHeader(source);
  const metadata = new GgufMetadata(header.metadata, source.name);
  const architecture = ggufArchitectureOf(config);
  if (metadata.text('general.type') !== 'adapter' || metadata.text('adapter.type') !== 'lora')
    metadata.fail('this is no LoRA adapter.');
  if (metadata.text('general.architecture') !== architecture)
    metadata.fail(
      `this adapter is for \`${metadata.text('general.architecture') ?? 'unknown'}\`, the model is ` +
        `\`${architecture}\`.`,
    );
  const heads = headsOf(config);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, type, shape, begin, size } of header.tensors) {
    const [, base = '', side = ''] = /^(.+\.weight)\.lora_([ab])$/.exec(name) ?? [];
    const target = hfName(architecture, base) ?? metadata.fail(`"${name}" is no factor of this model.`);
    const permuted = side === 'b' && (target.layout === 'query-rows' || target.layout === 'key-rows');
    const bytes = await source.read(begin, begin + size);
    const rows = shape[0] ?? 0;
    const count = target.layout === 'query-rows' ? heads.query : heads.key;
    if (permuted && rows % (2 * count) !== 0)
      metadata.fail(`"${name}" has ${rows} rows, which ${count} heads cannot share.`);
    const peft = `${PEFT_PREFIX}${target.name.replace(/\.weight$/, '')}.lora_${side.toUpperCase()}.weight`;
    tensors.set(
      peft,
      fromFloat32(peft, shape, dequantize(type, permuted ? unpermutedRows(bytes, rows, count) : bytes)),
    );
  }
  return { alpha: metadata.number('adapter.lora.alpha') ?? metadata.fail('`adapter.lora.alpha` is missing.'), tensors };
}
