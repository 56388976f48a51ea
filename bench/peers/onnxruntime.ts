/** onnxruntime-web running the model's graph forward; it has no training in the browser any more. */
import { must } from '../../src/base/assert';
import type * as Ort from 'onnxruntime-web';
import type { OpenOptions, Runner } from '../lib/contract';
import { crossEntropy, LABELS, minilmBatch } from '../lib/minilm';
import { bestRate, SIZE } from '../lib/timing';
import type { Work } from '../lib/work';
import { INPUT, matmulOnnx, minilmOnnx, OUTPUT } from './onnx-graph';

async function session(
  model: Uint8Array,
  { backend }: OpenOptions,
): Promise<{ ort: typeof Ort; session: Ort.InferenceSession }> {
  const ort: typeof Ort =
    backend === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = navigator.hardwareConcurrency;
  return {
    ort,
    session: await ort.InferenceSession.create(model, { executionProviders: [backend], graphOptimizationLevel: 'all' }),
  };
}

export async function open(work: Work, options: OpenOptions): Promise<Runner> {
  if (work.kind !== 'forward') throw new Error('onnxruntime-web does not train');
  const batch = minilmBatch(work.batch, work.length);
  const { ort, session: model } = await session(minilmOnnx(batch, LABELS.length), options);
  const ids = new ort.Tensor('int32', batch.ids, [work.batch, work.length]);
  return {
    device: options.backend === 'wasm' ? `${ort.env.wasm.numThreads} threads` : null,
    async run(steps) {
      const losses: number[] = [];
      for (let i = 0; i < steps; i++) {
        const logits = must((await model.run({ [INPUT]: ids }))[OUTPUT]);
        losses.push(crossEntropy((await logits.getData()) as Float32Array, batch.labels));
      }
      return losses;
    },
  };
}

export async function matmulRate(options: OpenOptions): Promise<number> {
  const { ort, session: product } = await session(matmulOnnx(SIZE), options);
  const one = new ort.Tensor('int32', Int32Array.of(1), [1, 1]);
  return bestRate(async () => {
    const result = await product.run({ [INPUT]: one });
    await must(result[OUTPUT]).getData();
  });
}
