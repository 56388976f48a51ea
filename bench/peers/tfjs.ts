/**
 * Stock tfjs as its documentation has one write it: plain ops on variables, gradients by `variableGrads`, its own Adam
 * with decoupled decay.
 */
import { must } from '../../src/base/assert';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
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
  type Batch,
} from '../lib/minilm';
import { bestRate, SIZE } from '../lib/timing';
import type { Backend, Kind, Work } from '../lib/work';

export type Variables = ReadonlyMap<string, tf.Tensor>;

export async function openBackend({ backend, baseUrl }: OpenOptions): Promise<string | null> {
  if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  else {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(new URL('wasm/', baseUrl).href);
    wasm.setThreadsCount(navigator.hardwareConcurrency);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start ${backend}`);
  await tf.ready();
  if (backend === 'webgpu') return null;
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  return `${Math.max(1, getThreadsCount())} threads`;
}

/** Weights by name, linear ones as [in, out]; what is trained is a variable. */
function variables(kind: Kind, backend: Backend): Variables {
  const weights = [...minilmWeights(), ...(kind === 'lora' ? loraWeights() : [])];
  return new Map(
    weights.map((weight) => {
      const { name, shape, values } = weight;
      const [rows = 0, columns = 0] = shape;
      const tensor = isLinearMatrix(weight)
        ? tf.tensor2d(transposed(values, rows, columns), [columns, rows])
        : tf.tensor(values, [...shape]);
      // The wasm backend cannot compute the gradient of a gather.
      const frozen = backend === 'wasm' && name === 'bert.embeddings.word_embeddings.weight';
      return [name, isTrained(name, kind) && !frozen ? tf.variable(tensor, true, name) : tensor];
    }),
  );
}

class Model {
  private readonly weights: Variables;

  constructor(weights: Variables) {
    this.weights = weights;
  }

  private of(name: string): tf.Tensor {
    return must(this.weights.get(name));
  }

  private matrix(name: string): tf.Tensor2D {
    return this.of(`${name}.weight`) as tf.Tensor2D;
  }

  private linear(x: tf.Tensor2D, name: string): tf.Tensor2D {
    const base = tf.add<tf.Tensor2D>(tf.matMul(x, this.matrix(name)), this.of(`${name}.bias`));
    if (!this.weights.has(`${name}.lora_A.weight`)) return base;
    const branch = tf.matMul(tf.matMul(x, this.matrix(`${name}.lora_A`)), this.matrix(`${name}.lora_B`));
    return tf.add(base, tf.mul(branch, LORA.alpha / LORA.rank));
  }

  private norm(x: tf.Tensor2D, name: string): tf.Tensor2D {
    const { mean, variance } = tf.moments(x, -1, true);
    const normed = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, CONFIG.layer_norm_eps)));
    return tf.add(tf.mul(normed, this.of(`${name}.weight`)), this.of(`${name}.bias`));
  }

  private embed({ batch, length }: Batch, ids: tf.Tensor1D): tf.Tensor2D {
    const words = tf.reshape(tf.gather(this.matrix('bert.embeddings.word_embeddings'), ids), [batch, length, -1]);
    const positions = tf.slice(this.matrix('bert.embeddings.position_embeddings'), 0, length);
    const types = tf.slice(this.matrix('bert.embeddings.token_type_embeddings'), 0, 1);
    const sum = tf.add(tf.add(words, positions), types);
    return this.norm(tf.reshape(sum, [batch * length, CONFIG.hidden_size]), 'bert.embeddings.LayerNorm');
  }

  private attention(x: tf.Tensor2D, layer: string, { batch, length }: Batch, mask: tf.Tensor4D): tf.Tensor2D {
    const heads = (name: string): tf.Tensor4D => {
      const projected = tf.reshape(this.linear(x, `${layer}.attention.self.${name}`), [
        batch,
        length,
        CONFIG.num_attention_heads,
        HEAD_SIZE,
      ]);
      return tf.transpose(projected as tf.Tensor4D, [0, 2, 1, 3]);
    };
    const scores = tf.mul(tf.matMul(heads('query'), heads('key'), false, true), 1 / Math.sqrt(HEAD_SIZE));
    const context = tf.matMul(tf.softmax(tf.add(scores, mask)), heads('value'));
    return tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [batch * length, CONFIG.hidden_size]);
  }

  private layer(x: tf.Tensor2D, layer: string, batch: Batch, mask: tf.Tensor4D): tf.Tensor2D {
    const mixed = this.linear(this.attention(x, layer, batch, mask), `${layer}.attention.output.dense`);
    const attended = this.norm(tf.add(mixed, x), `${layer}.attention.output.LayerNorm`);
    const wide = this.linear(attended, `${layer}.intermediate.dense`);
    const active = tf.mul<tf.Tensor2D>(tf.mul(wide, 0.5), tf.add(tf.erf(tf.mul(wide, Math.SQRT1_2)), 1));
    return this.norm(tf.add(this.linear(active, `${layer}.output.dense`), attended), `${layer}.output.LayerNorm`);
  }

  /** ids [batch·length], mask [batch, 1, 1, length] added to the scores → logits [batch, labels]. */
  logits(batch: Batch, ids: tf.Tensor1D, mask: tf.Tensor4D): tf.Tensor2D {
    let x = this.embed(batch, ids);
    for (const i of layerIndices()) x = this.layer(x, `bert.encoder.layer.${i}`, batch, mask);
    const states = tf.reshape(x, [batch.batch, batch.length, CONFIG.hidden_size]);
    const first = tf.reshape<tf.Rank.R2>(tf.slice(states, [0, 0, 0], [-1, 1, -1]), [batch.batch, CONFIG.hidden_size]);
    return this.linear(tf.tanh(this.linear(first, 'bert.pooler.dense')), 'classifier');
  }
}

/** Steps of those weights that are variables. */
export function training(weights: Variables, learningRate: number, loss: () => tf.Scalar): Runner['run'] {
  const trained = [...weights.values()].filter((tensor): tensor is tf.Variable => tensor instanceof tf.Variable);
  const optimizer = tf.train.adam(learningRate, ADAMW.beta1, ADAMW.beta2, ADAMW.epsilon);
  const kept = 1 - learningRate * ADAMW.weightDecay;
  const step = (): tf.Scalar => {
    const { value, grads } = tf.variableGrads(loss, trained);
    tf.tidy(() => trained.forEach((variable) => variable.rank > 1 && variable.assign(tf.mul(variable, kept))));
    optimizer.applyGradients(grads as Record<string, tf.Variable>);
    tf.dispose(grads);
    return value;
  };
  return async (steps) => {
    const losses = Array.from({ length: steps }, step);
    const read = await Promise.all(losses.map((loss) => loss.data<'float32'>()));
    tf.dispose(losses);
    return read.map(([loss]) => loss ?? NaN);
  };
}

export async function open(work: Work, options: OpenOptions): Promise<Runner> {
  if (work.kind === 'forward') throw new Error('not measured');
  const device = await openBackend(options);
  const weights = variables(work.kind, options.backend);
  const model = new Model(weights);
  const batch = minilmBatch(work.batch, work.length);
  const ids = tf.tensor1d(batch.ids, 'int32');
  const mask = tf.zeros<tf.Rank.R4>([batch.batch, 1, 1, batch.length]);
  const labels = tf.oneHot(tf.tensor1d(batch.labels, 'int32'), LABELS.length);
  const loss = (): tf.Scalar =>
    tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(labels, model.logits(batch, ids, mask));
  return { device, run: training(weights, ADAMW.learningRate[work.kind], loss) };
}

export async function matmulRate(options: OpenOptions): Promise<number> {
  await openBackend(options);
  const [a, b] = [tf.ones([SIZE, SIZE]), tf.ones([SIZE, SIZE])];
  return bestRate(async () => {
    const product = tf.matMul(a, b);
    await product.data();
    product.dispose();
  });
}
