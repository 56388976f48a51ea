/** A head on a frozen encoder, as sentence-transformers reads it: encoder, mean pooling, one dense layer. */
import { must } from '../../../../base/assert';
import { writeSentenceTransformers } from '../../../../formats/sentence-transformers';
import type { Export } from '../../../../worker/run/export';
import type { LabelRun } from '../run';
import { reread, tolerance, weightFiles, wholeFolder } from './weights';

export const sentenceTransformers: Export<LabelRun> = {
  id: 'sentence-transformers',
  card: {
    title: 'The model with its new layer',
    forWhom: 'For Python with sentence-transformers',
    about:
      'The unchanged model, mean pooling and the trained layer; what it encodes are the scores (logits) of the labels.',
    use: 'SentenceTransformer("folder").encode(texts)',
  },
  methods: ['head'],
  write: (run, _, call) =>
    weightFiles(run, call, async (tuned, beside) => {
      // Classifiers put a prefix before the encoder's names, which the bare encoder does not have.
      const { prefix } = must(run.model.head, 'head');
      const tensors = await tuned.merged();
      const head = (name: string) =>
        must(
          tensors.find((tensor) => tensor.name === name),
          `“${name}” of the head`,
        );
      return writeSentenceTransformers({
        ...beside,
        encoderTensors: tensors
          .filter(({ name }) => !name.startsWith('linear.'))
          .map((tensor) => ({
            ...tensor,
            name: tensor.name.startsWith(prefix) ? tensor.name.slice(prefix.length) : tensor.name,
          })),
        dense: { weight: head('linear.weight'), bias: head('linear.bias') },
        maxLength: run.start.config.maxLength,
      });
    }),
  proof: { reread: (run, file) => reread(run, file, (files) => wholeFolder(run, files, 'head')), tolerance },
};
