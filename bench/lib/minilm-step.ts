/** One fine-tuning step of a MiniLM-shaped encoder: 6 layers, hidden 384, 12 heads, feed-forward 1536. */
import { defaultConfig } from '../../src/testing/settings';
import { buildModel } from '../../src/engine/build-model';
import type { Classifier } from '../../src/engine/classifier';
import { BERT_LINEAR_MODULES } from '../../src/engine/models/bert/spec';
import { AdamW } from '../../src/engine/training/optimizer';
import type { PreparedStep } from '../../src/engine/training/prepared-step';
import { fromFloat32 } from '../../src/formats/dtype';
import { CONFIG, LABELS, minilmBatch, minilmWeights, SAVED_MODULES } from './minilm';
import { crossEntropyObjective } from '../../src/engine/objectives';

export interface MinilmStep {
  model: Classifier;
  optimizer: AdamW;
  /** @param step counts steps, for dropout */
  prepare: (step: number) => PreparedStep;
}

/** On the active backend, with the app's own dropout; LoRA on every linear layer. */
export async function minilmStep(batch: number, length: number, method: 'full' | 'lora'): Promise<MinilmStep> {
  const tensors = new Map(
    minilmWeights().map(({ name, shape, values }) => [name, fromFloat32(name, [...shape], values)]),
  );
  const { config } = defaultConfig({
    method,
    hiddenSize: 384,
    trainExamples: 700,
    maxPositions: 512,
    linearModules: BERT_LINEAR_MODULES,
    headModules: SAVED_MODULES,
    recipe: null,
  });
  const model = await buildModel({ config: CONFIG, tensors, task: 'single-label', labels: LABELS, training: config });
  const optimizer = new AdamW(model.trainedParameters(), { weightDecay: 0.01, maxGradNorm: 1 });
  const { ids, labels: targets } = minilmBatch(batch, length);
  const input = { batch, length, ids, mask: new Int32Array(batch * length).fill(1), typeIds: null };
  return {
    model,
    optimizer,
    prepare: (step) => model.prepare([{ input, targets }], crossEntropyObjective(), { seed: 1, step }),
  };
}
