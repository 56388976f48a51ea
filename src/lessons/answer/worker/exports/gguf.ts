/** The whole model in one GGUF file, at one of three sizes. */
import { blobSource } from '../../../../base/bytes';
import { readGgufCheckpoint } from '../../../../formats/gguf/checkpoint';
import type { WrittenType } from '../../../../formats/gguf/quantize';
import { writeGgufModel } from '../../../../formats/gguf/write-model';
import type { Export } from '../../../../worker/run/export';
import type { WritingRun } from '../run';
import { ofTuned, ownTemplate, rereadWhole } from './weights';

/**
 * @param tolerance what packing costs depends on the model; a file that was written wrongly is off by several nats
 */
const gguf = (
  id: string,
  type: WrittenType,
  tolerance: number,
  card: { title: string; forWhom: string; about: string },
): Export<WritingRun> => ({
  id,
  card: { ...card, use: 'llama-cli -m model.gguf' },
  methods: ['full', 'lora'],
  write(run, name, call) {
    const { config, tokenizerFiles } = run.model.checkpoint;
    return ofTuned(run, call, async (tuned) => [
      {
        path: `${name}.${type}.gguf`,
        bytes: writeGgufModel({
          config,
          tensors: await tuned.merged(),
          tokenizerFiles,
          chatTemplate: ownTemplate(run),
          type,
          name: run.summary.name,
          licence: run.summary.model.licence,
        }),
      },
    ]);
  },
  proof: {
    reread: async (run, { name, blob }) => rereadWhole(run, await readGgufCheckpoint(blobSource(name, blob))),
    tolerance: () => tolerance,
  },
});

export const ggufQ8 = gguf('gguf-q8_0', 'Q8_0', 0.1, {
  title: 'GGUF, 8 bits a weight',
  forWhom: 'For llama.cpp, Ollama, LM Studio',
  about:
    'The whole model in one file with tokenizer and chat template; nearly as good as the original at a ' +
    'quarter of its size.',
});

export const ggufQ4 = gguf('gguf-q4_0', 'Q4_0', 1, {
  title: 'GGUF, 4 bits a weight',
  forWhom: 'For llama.cpp on small machines',
  about:
    'The smallest file. Very small models lose some of what they know at 4 bits: the figure of the replay ' +
    'says how much.',
});

export const ggufF16 = gguf('gguf-f16', 'F16', 0.02, {
  title: 'GGUF, 16 bits a weight',
  forWhom: 'For llama.cpp, and to pack further',
  about: 'The whole model in one file at half precision, practically without loss.',
});
