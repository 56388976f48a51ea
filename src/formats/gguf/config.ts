/** Writes the `config.json` that a decoder's GGUF metadata amounts to, with the field names of transformers. */
import { decoderNamed, DECODER_ARCHITECTURES, DECODERS } from '../../domain/architectures';
import type { DecoderArchitecture } from '../../domain/architectures';
import type { GgufMetadata } from './metadata';
import { GGUF_MODELS } from './models';
import type { ConfigSources } from './models/model';

/** The architecture; throws `unsupported` naming those that are read. */
export function architectureOfGguf(metadata: GgufMetadata): DecoderArchitecture {
  const name = metadata.text('general.architecture') ?? metadata.fail('`general.architecture` is missing.');
  const kind = metadata.text('general.type');
  if (kind !== null && kind !== 'model')
    metadata.refuse(
      `this GGUF holds ${kind === 'adapter' ? 'a LoRA adapter' : `a “${kind}”`}, not a model.`,
      'Take the GGUF of the model itself.',
    );
  return (
    decoderNamed(name) ??
    metadata.refuse(
      `the architecture \`${name}\` is not supported.`,
      `Supported in GGUF files are ${DECODER_ARCHITECTURES.join(', ')}.`,
    )
  );
}

/**
 * `config.json` of transformers 4, which 5 reads as well. Throws `bad-model` for figures that are missing or cannot be
 * true, `unsupported` for variants that compute something else.
 */
export function configOfGguf(architecture: DecoderArchitecture, sources: ConfigSources): Record<string, unknown> {
  const { metadata, tensors, tied } = sources;
  const embedding = tensors.get('token_embd.weight') ?? metadata.fail('there is no tensor "token_embd.weight".');
  const config = {
    architectures: [DECODERS[architecture].className],
    model_type: architecture,
    ...GGUF_MODELS[architecture].config(architecture, sources),
  };
  const ids = Object.fromEntries(
    (
      [
        ['bos_token_id', 'bos'],
        ['eos_token_id', 'eos'],
        ['pad_token_id', 'padding'],
      ] as const
    ).map(([field, key]) => [field, metadata.number(`tokenizer.ggml.${key}_token_id`)]),
  );
  return { ...config, vocab_size: embedding.shape[0] ?? 0, tie_word_embeddings: tied, ...ids };
}
