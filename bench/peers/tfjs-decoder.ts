/** A Llama in stock tfjs as its documentation has one write it. */
import * as tf from '@tensorflow/tfjs-core';
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
import { openBackend, training, type Variables } from './tfjs';

/** Weights by name, linear ones as [in, out]; what is trained is a variable. */
function variables(shape: DecoderShape, kind: Kind): Variables {
  return new Map(
    [...decoderWeights(shape), ...(kind === 'lora' ? decoderAdapters(shape) : [])].map(
      ({ name, shape: size, values }) => {
        const [rows = 0, columns = 0] = size;
        const linear = size.length === 2 && name !== EMBEDDINGS;
        const tensor = linear
          ? tf.tensor2d(transposed(values, rows, columns), [columns, rows])
          : tf.tensor(values, [...size]);
        return [name, kind === 'full' || name.includes('.lora_') ? tf.variable(tensor, true, name) : tensor];
      },
    ),
  );
}

class Model {
  private readonly cos: tf.Tensor;
  private readonly sin: tf.Tensor;
  private readonly mask: tf.Tensor;

  constructor(
    private readonly weights: Variables,
    private readonly shape: DecoderShape,
    private readonly work: Work,
  ) {
    const { length } = work;
    const { cos, sin } = rotary(shape, length);
    const half = headSizeOf(shape) / 2;
    this.cos = tf.tensor(cos, [1, 1, length, half]);
    this.sin = tf.tensor(sin, [1, 1, length, half]);
    this.mask = tf.tensor(causalMask(length), [1, 1, length, length]);
  }

  private matrix(name: string): tf.Tensor2D {
    return this.weights.get(name) as tf.Tensor2D;
  }

  private linear(x: tf.Tensor2D, name: string): tf.Tensor2D {
    const base: tf.Tensor2D = tf.matMul(x, this.matrix(`${name}.weight`));
    if (!this.weights.has(`${name}.lora_A.weight`)) return base;
    const branch = tf.matMul(tf.matMul(x, this.matrix(`${name}.lora_A.weight`)), this.matrix(`${name}.lora_B.weight`));
    return tf.add(base, tf.mul(branch, LORA.alpha / LORA.rank));
  }

  private norm(x: tf.Tensor2D, name: string): tf.Tensor2D {
    const mean = tf.mean(tf.square(x), -1, true);
    return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, EPSILON))), this.matrix(`${name}.weight`));
  }

  private turned(x: tf.Tensor4D): tf.Tensor4D {
    const [first, second] = tf.split(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
    const left = tf.sub(tf.mul(first, this.cos), tf.mul(second, this.sin));
    return tf.concat([left, tf.add(tf.mul(second, this.cos), tf.mul(first, this.sin))], -1) as tf.Tensor4D;
  }

  /** Each key head for the heads that share it. */
  private repeated(x: tf.Tensor4D): tf.Tensor4D {
    const { num_attention_heads: heads, num_key_value_heads: keyHeads } = this.shape;
    return tf.concat(
      tf.split(x, keyHeads, 1).flatMap((head) => new Array<tf.Tensor>(heads / keyHeads).fill(head)),
      1,
    ) as tf.Tensor4D;
  }

  private attention(x: tf.Tensor2D, block: string): tf.Tensor2D {
    const { batch, length } = this.work;
    const { num_attention_heads: heads, num_key_value_heads: keyHeads, hidden_size: hidden } = this.shape;
    const size = headSizeOf(this.shape);
    const apart = (name: string, count: number): tf.Tensor4D =>
      tf.transpose(
        tf.reshape<tf.Rank.R4>(this.linear(x, `${block}.self_attn.${name}`), [batch, length, count, size]),
        [0, 2, 1, 3],
      );
    const [q, k] = [this.turned(apart('q_proj', heads)), this.repeated(this.turned(apart('k_proj', keyHeads)))];
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size)), this.mask);
    const context = tf.matMul(tf.softmax(scores), this.repeated(apart('v_proj', keyHeads)));
    return this.linear(
      tf.reshape<tf.Rank.R2>(tf.transpose(context, [0, 2, 1, 3]), [batch * length, hidden]),
      `${block}.self_attn.o_proj`,
    );
  }

  private block(x: tf.Tensor2D, block: string): tf.Tensor2D {
    const attended: tf.Tensor2D = tf.add(x, this.attention(this.norm(x, `${block}.input_layernorm`), block));
    const ready = this.norm(attended, `${block}.post_attention_layernorm`);
    const gate = this.linear(ready, `${block}.mlp.gate_proj`);
    const wide: tf.Tensor2D = tf.mul(tf.mul(gate, tf.sigmoid(gate)), this.linear(ready, `${block}.mlp.up_proj`));
    return tf.add(attended, this.linear(wide, `${block}.mlp.down_proj`));
  }

  /**
   * ids one-hot [batch·length, vocabulary], for the wasm backend has no gradient of a lookup → logits [batch·length,
   * vocabulary].
   */
  logits(ids: tf.Tensor2D): tf.Tensor2D {
    let x: tf.Tensor2D = tf.matMul(ids, this.matrix(EMBEDDINGS));
    for (let i = 0; i < this.shape.num_hidden_layers; i++) x = this.block(x, `model.layers.${i}`);
    return tf.matMul(this.norm(x, 'model.norm'), this.matrix(EMBEDDINGS), false, true);
  }
}

export async function open(work: Work, options: OpenOptions): Promise<Runner> {
  if (work.kind === 'forward') throw new Error('not measured');
  const device = await openBackend(options);
  const shape = DECODERS[work.model as DecoderName];
  const weights = variables(shape, work.kind);
  const model = new Model(weights, shape, work);
  const sequences = decoderSequences(shape, work.batch, work.length);
  const { values, predicted } = oneHotTargets(shape, sequences);
  const ids = tf.cast(
    tf.oneHot(
      tf.tensor1d(
        sequences.flatMap((ids) => [...ids]),
        'int32',
      ),
      shape.vocab_size,
    ),
    'float32',
  ) as tf.Tensor2D;
  const targets = tf.tensor2d(values, [work.batch * work.length, shape.vocab_size]);
  const loss = (): tf.Scalar => tf.div(tf.sum(tf.mul(tf.logSoftmax(model.logits(ids)), targets)), -predicted);
  return { device, run: training(weights, ADAMW.learningRate[work.kind], loss) };
}
