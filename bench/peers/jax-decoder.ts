/** A Llama on @jax-js/jax as its documentation has one write it. */
import { must } from '../../src/base/assert';
import { nn, numpy as np } from '@jax-js/jax';
import type { OpenOptions, Runner } from '../lib/contract';
import {
  causalMask,
  decoderAdapters,
  DECODERS,
  decoderSequences,
  decoderWeights,
  EMBEDDINGS,
  EPSILON,
  headSizeOf,
  oneHotTargets,
  rotary,
  type DecoderName,
  type DecoderShape,
} from '../lib/decoder';
import { ADAMW, LORA, transposed } from '../lib/minilm';
import type { Kind, Work } from '../lib/work';
import { deviceOf, openDevice, training, type Arrays } from './jax';

/** Weights by name, linear ones as [in, out]. */
function weights(shape: DecoderShape, kind: Kind): { trained: Arrays; frozen: Arrays } {
  const parts: { trained: Arrays; frozen: Arrays } = { trained: {}, frozen: {} };
  for (const { name, shape: size, values } of [
    ...decoderWeights(shape),
    ...(kind === 'lora' ? decoderAdapters(shape) : []),
  ]) {
    const [rows = 0, columns = 0] = size;
    const linear = size.length === 2 && name !== EMBEDDINGS;
    const array = linear
      ? np.array(transposed(values, rows, columns)).reshape([columns, rows])
      : np.array(values).reshape([...size]);
    parts[kind === 'full' || name.includes('.lora_') ? 'trained' : 'frozen'][name] = array;
  }
  return parts;
}

/** The forward pass over weights that are borrowed: every use takes a reference of its own. */
class Model {
  constructor(
    private readonly weights: Arrays,
    private readonly shape: DecoderShape,
    private readonly work: Work,
    private readonly inputs: { cos: np.Array; sin: np.Array; mask: np.Array },
  ) {}

  private of(name: string): np.Array {
    return must(this.weights[name]).ref;
  }

  private linear(x: np.Array, name: string): np.Array {
    if (!(`${name}.lora_A.weight` in this.weights)) return np.matmul(x, this.of(`${name}.weight`));
    const base = np.matmul(x.ref, this.of(`${name}.weight`));
    const branch = np.matmul(np.matmul(x, this.of(`${name}.lora_A.weight`)), this.of(`${name}.lora_B.weight`));
    return base.add(branch.mul(LORA.alpha / LORA.rank));
  }

  private norm(x: np.Array, name: string): np.Array {
    const root = np.sqrt(np.mean(np.square(x.ref), -1, { keepdims: true }).add(EPSILON));
    return x.div(root).mul(this.of(`${name}.weight`));
  }

  /** [batch, heads, length, head size], turned by position. */
  private turned(x: np.Array): np.Array {
    const [first, second] = np.split(x, 2, -1) as [np.Array, np.Array];
    const { cos, sin } = this.inputs;
    const left = first.ref.mul(cos.ref).sub(second.ref.mul(sin.ref));
    return np.concatenate([left, second.mul(cos.ref).add(first.mul(sin.ref))], -1);
  }

  private attention(x: np.Array, block: string): np.Array {
    const { batch, length } = this.work;
    const { num_attention_heads: heads, num_key_value_heads: keyHeads, hidden_size: hidden } = this.shape;
    const size = headSizeOf(this.shape);
    const apart = (name: string, count: number): np.Array =>
      this.linear(x.ref, `${block}.self_attn.${name}`).reshape([batch, length, count, size]).transpose([0, 2, 1, 3]);
    const q = this.turned(apart('q_proj', heads));
    const k = np.repeat(this.turned(apart('k_proj', keyHeads)), heads / keyHeads, 1);
    const v = np.repeat(apart('v_proj', keyHeads), heads / keyHeads, 1);
    x.dispose();
    const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(size));
    const context = np.matmul(nn.softmax(scores.add(this.inputs.mask.ref), -1), v);
    return this.linear(context.transpose([0, 2, 1, 3]).reshape([batch * length, hidden]), `${block}.self_attn.o_proj`);
  }

  private block(x: np.Array, block: string): np.Array {
    const attended = this.attention(this.norm(x.ref, `${block}.input_layernorm`), block).add(x);
    const ready = this.norm(attended.ref, `${block}.post_attention_layernorm`);
    const gate = nn.silu(this.linear(ready.ref, `${block}.mlp.gate_proj`));
    return this.linear(gate.mul(this.linear(ready, `${block}.mlp.up_proj`)), `${block}.mlp.down_proj`).add(attended);
  }

  /** ids [batch·length] → logits [batch·length, vocabulary]. */
  logits(ids: np.Array): np.Array {
    let x = this.of(EMBEDDINGS).slice(ids);
    for (let i = 0; i < this.shape.num_hidden_layers; i++) x = this.block(x, `model.layers.${i}`);
    const logits = np.matmul(this.norm(x, 'model.norm'), this.of(EMBEDDINGS).transpose());
    Object.values(this.inputs).forEach((input) => input.dispose());
    return logits;
  }
}

export async function open(work: Work, options: OpenOptions): Promise<Runner> {
  const { kind, length } = work;
  if (kind === 'forward') throw new Error('not measured');
  await openDevice(options);
  const shape = DECODERS[work.model as DecoderName];
  const sequences = decoderSequences(shape, work.batch, length);
  const { values, predicted } = oneHotTargets(shape, sequences);
  const { cos, sin } = rotary(shape, length);
  const half = headSizeOf(shape) / 2;
  const inputs = {
    ids: np.array(Int32Array.from(sequences.flatMap((ids) => [...ids]))),
    targets: np.array(values).reshape([work.batch * length, shape.vocab_size]),
    cos: np.array(cos).reshape([1, 1, length, half]),
    sin: np.array(sin).reshape([1, 1, length, half]),
    mask: np.array(causalMask(length)).reshape([1, 1, length, length]),
  };
  const run = training(
    weights(shape, kind),
    inputs,
    ADAMW.learningRate[kind],
    (all, { ids, targets, cos, sin, mask }) =>
      nn
        .logSoftmax(
          new Model(all, shape, work, { cos: must(cos), sin: must(sin), mask: must(mask) }).logits(must(ids)),
          -1,
        )
        .mul(must(targets))
        .sum()
        .div(-predicted),
  );
  return { device: deviceOf(options), run };
}
