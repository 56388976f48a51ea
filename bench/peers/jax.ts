/**
 * @jax-js/jax as its documentation has one write it: one jitted function for the whole step, `valueAndGrad` and AdamW
 * as optax defines it.
 */
import { must } from '../../src/base/assert';
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { OpenOptions, Runner } from '../lib/contract';
import {
  ADAMW,
  CONFIG,
  HEAD_SIZE,
  isLinearMatrix,
  isTrained,
  LABELS,
  layerIndices,
  LORA,
  loraWeights,
  minilmBatch,
  minilmWeights,
  transposed,
} from '../lib/minilm';
import { bestRate, SIZE } from '../lib/timing';
import type { Kind, Work } from '../lib/work';

export type Arrays = Record<string, np.Array>;
/** What a step changes: trained weights and both moments. */
type State = { trained: Arrays; first: Arrays; second: Arrays };

export async function openDevice({ backend }: OpenOptions): Promise<void> {
  const devices = await init(backend);
  if (!devices.includes(backend)) throw new Error(`@jax-js/jax could not start ${backend}`);
  defaultDevice(backend);
}

/** Weights by name, linear ones as [in, out]. */
function weights(kind: Kind): { trained: Arrays; frozen: Arrays } {
  const parts: { trained: Arrays; frozen: Arrays } = { trained: {}, frozen: {} };
  for (const weight of [...minilmWeights(), ...(kind === 'lora' ? loraWeights() : [])]) {
    const { name, shape, values } = weight;
    const [rows = 0, columns = 0] = shape;
    const array = isLinearMatrix(weight)
      ? np.array(transposed(values, rows, columns)).reshape([columns, rows])
      : np.array(values).reshape([...shape]);
    parts[isTrained(name, kind) ? 'trained' : 'frozen'][name] = array;
  }
  return parts;
}

/** The forward pass over weights that are borrowed: every use takes a reference of its own. */
class Model {
  private readonly weights: Arrays;
  private readonly batch: number;
  private readonly length: number;

  constructor(weights: Arrays, { batch, length }: Work) {
    this.weights = weights;
    this.batch = batch;
    this.length = length;
  }

  private of(name: string): np.Array {
    return must(this.weights[name]).ref;
  }

  private linear(x: np.Array, name: string): np.Array {
    if (!(`${name}.lora_A.weight` in this.weights))
      return np.matmul(x, this.of(`${name}.weight`)).add(this.of(`${name}.bias`));
    const base = np.matmul(x.ref, this.of(`${name}.weight`)).add(this.of(`${name}.bias`));
    const branch = np.matmul(np.matmul(x, this.of(`${name}.lora_A.weight`)), this.of(`${name}.lora_B.weight`));
    return base.add(branch.mul(LORA.alpha / LORA.rank));
  }

  private norm(x: np.Array, name: string): np.Array {
    const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
    return centred
      .div(np.sqrt(variance.add(CONFIG.layer_norm_eps)))
      .mul(this.of(`${name}.weight`))
      .add(this.of(`${name}.bias`));
  }

  /**
   * Positions and types are looked up as words are: 0.1.25 cannot compile the gradient of a lookup whose result is
   * reshaped.
   */
  private embed(ids: np.Array): np.Array {
    const positions = np.array(Int32Array.from({ length: this.batch * this.length }, (_, i) => i % this.length));
    const types = np.array(new Int32Array(this.batch * this.length));
    const table = (name: string, rows: np.Array): np.Array =>
      this.of(`bert.embeddings.${name}_embeddings.weight`).slice(rows);
    return this.norm(
      table('word', ids).add(table('position', positions)).add(table('token_type', types)),
      'bert.embeddings.LayerNorm',
    );
  }

  private attention(x: np.Array, layer: string, mask: np.Array): np.Array {
    const heads = (name: string): np.Array =>
      this.linear(x.ref, `${layer}.attention.self.${name}`)
        .reshape([this.batch, this.length, CONFIG.num_attention_heads, HEAD_SIZE])
        .transpose([0, 2, 1, 3]);
    const scores = np.matmul(heads('query'), heads('key').transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(HEAD_SIZE));
    const context = np.matmul(nn.softmax(scores.add(mask), -1), heads('value'));
    x.dispose();
    return context.transpose([0, 2, 1, 3]).reshape([this.batch * this.length, CONFIG.hidden_size]);
  }

  private layer(x: np.Array, layer: string, mask: np.Array): np.Array {
    const mixed = this.linear(this.attention(x.ref, layer, mask), `${layer}.attention.output.dense`);
    const attended = this.norm(mixed.add(x), `${layer}.attention.output.LayerNorm`);
    const active = nn.gelu(this.linear(attended.ref, `${layer}.intermediate.dense`), { approximate: false });
    return this.norm(this.linear(active, `${layer}.output.dense`).add(attended), `${layer}.output.LayerNorm`);
  }

  /** ids [batch·length], mask [batch, 1, 1, length] added to the scores → logits [batch, labels]. */
  logits(ids: np.Array, mask: np.Array): np.Array {
    let x = this.embed(ids);
    for (const i of layerIndices()) x = this.layer(x, `bert.encoder.layer.${i}`, mask.ref);
    mask.dispose();
    const first = x.reshape([this.batch, this.length, CONFIG.hidden_size]).slice([], 0);
    return this.linear(np.tanh(this.linear(first, 'bert.pooler.dense')), 'classifier');
  }
}

/** One AdamW update of a parameter; consumes what it is given. */
function update(
  weight: np.Array,
  gradient: np.Array,
  first: np.Array,
  second: np.Array,
  corrections: [np.Array, np.Array],
  learningRate: number,
): [np.Array, np.Array, np.Array] {
  const { beta1, beta2, epsilon, weightDecay } = ADAMW;
  const nextFirst = first.mul(beta1).add(gradient.ref.mul(1 - beta1));
  const nextSecond = second.mul(beta2).add(np.square(gradient).mul(1 - beta2));
  const direction = nextFirst.ref.div(corrections[0]).div(np.sqrt(nextSecond.ref.div(corrections[1])).add(epsilon));
  const decay = weight.ndim > 1 ? weightDecay : 0;
  return [weight.mul(1 - learningRate * decay).sub(direction.mul(learningRate)), nextFirst, nextSecond];
}

/**
 * Steps of a model as one jitted function.
 * @param inputs of every step
 * @param loss of all weights, which are borrowed, and the inputs, which are consumed
 */
export function training(
  { trained, frozen }: { trained: Arrays; frozen: Arrays },
  inputs: Arrays,
  learningRate: number,
  loss: (weights: Arrays, inputs: Arrays) => np.Array,
): Runner['run'] {
  const whole = (trained: Arrays, frozen: Arrays, inputs: Arrays): np.Array => {
    const all = { ...trained, ...frozen };
    const value = loss(all, inputs);
    tree.dispose(all);
    return value;
  };

  const step = jit((state: State, frozen: Arrays, inputs: Arrays, correction1: np.Array, correction2: np.Array) => {
    const [value, gradients] = valueAndGrad(whole)(tree.ref(state.trained), frozen, inputs) as [np.Array, Arrays];
    const next: State = { trained: {}, first: {}, second: {} };
    for (const name of Object.keys(state.trained)) {
      const corrections: [np.Array, np.Array] = [correction1.ref, correction2.ref];
      const [weight, first, second] = update(
        must(state.trained[name]),
        must(gradients[name]),
        must(state.first[name]),
        must(state.second[name]),
        corrections,
        learningRate,
      );
      next.trained[name] = weight;
      next.first[name] = first;
      next.second[name] = second;
    }
    correction1.dispose();
    correction2.dispose();
    return { value, next };
  });

  const zeros = (): Arrays =>
    Object.fromEntries(Object.entries(trained).map(([name, { shape }]) => [name, np.zeros(shape)]));
  let state: State = { trained, first: zeros(), second: zeros() };
  let steps = 0;
  return async (count) => {
    const losses: np.Array[] = [];
    for (let i = 0; i < count; i++) {
      steps++;
      const corrections = [1 - ADAMW.beta1 ** steps, 1 - ADAMW.beta2 ** steps].map((value) => np.array(value)) as [
        np.Array,
        np.Array,
      ];
      const { value, next } = step(state, tree.ref(frozen), tree.ref(inputs), ...corrections);
      state = next;
      losses.push(value);
    }
    await blockUntilReady(state);
    return Promise.all(losses.map((value) => value.jsAsync() as Promise<number>));
  };
}

/** What the library says about where it runs. */
export const deviceOf = ({ backend }: OpenOptions): string | null =>
  backend === 'wasm' ? `${navigator.hardwareConcurrency} threads` : null;

export async function open(work: Work, options: OpenOptions): Promise<Runner> {
  const { kind } = work;
  if (kind === 'forward') throw new Error('not measured');
  await openDevice(options);
  const batch = minilmBatch(work.batch, work.length);
  const inputs = {
    ids: np.array(batch.ids),
    mask: np.zeros([work.batch, 1, 1, work.length]),
    labels: nn.oneHot(np.array(batch.labels), LABELS.length),
  };
  const run = training(weights(kind), inputs, ADAMW.learningRate[kind], (all, { ids, mask, labels }) =>
    nn
      .logSoftmax(new Model(all, work).logits(must(ids), must(mask)), -1)
      .mul(must(labels))
      .sum()
      .div(-work.batch),
  );
  return { device: deviceOf(options), run };
}

export async function matmulRate(options: OpenOptions): Promise<number> {
  await openDevice(options);
  const [a, b] = [np.ones([SIZE, SIZE]), np.ones([SIZE, SIZE])];
  await blockUntilReady([a, b]);
  const product = jit((a: np.Array, b: np.Array) => np.matmul(a, b));
  return bestRate(async () => {
    const result = product(a.ref, b.ref);
    await result.blockUntilReady();
    result.dispose();
  });
}
