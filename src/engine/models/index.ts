/** How each architecture of the list (domain/architectures) computes, from its configuration. */
import { TabtuneError } from '../../base/errors';
import {
  decoderNamed,
  DECODERS,
  encoderNamed,
  ENCODERS,
  type DecoderArchitecture,
  type EncoderArchitecture,
} from '../../domain/architectures';
import type { HfConfig } from '../types';
import type { EncoderSpec } from './architecture';
import { bert } from './bert/spec';
import { badConfig } from './config';
import type { DecoderSpec } from './decoder';
import { distilbert } from './distilbert/spec';
import { gpt2 } from './gpt2/spec';
import { llama } from './llama/spec';
import { MOST_LAYERS } from './post-norm';
import { qwen2 } from './qwen2/spec';
import { qwen3 } from './qwen3/spec';
import { roberta } from './roberta/spec';
import { xlmRoberta } from './xlm-roberta/spec';

const ENCODER_SPECS: Record<EncoderArchitecture, (config: HfConfig) => EncoderSpec> = {
  bert,
  distilbert,
  roberta,
  'xlm-roberta': xlmRoberta,
};

const DECODER_SPECS: Record<DecoderArchitecture, (config: HfConfig) => DecoderSpec> = { llama, qwen2, qwen3, gpt2 };

/** What the list says of an architecture goes with how it computes. */
export interface KnownEncoder extends EncoderSpec {
  architecture: EncoderArchitecture;
  /** What a checkpoint of the bare encoder leaves out of its names. */
  prefix: string;
}

export interface KnownDecoder extends DecoderSpec {
  architecture: DecoderArchitecture;
  /** Whether weights of linear layers are stored [in, out]. */
  fanInFanOut: boolean;
}

/**
 * The configuration read for its architecture; throws `unsupported` naming what is supported, or `bad-config` naming
 * the field.
 */
export function encoderSpec(config: HfConfig): KnownEncoder {
  const type = String(config['model_type']);
  const architecture = encoderNamed(type);
  if (!architecture)
    throw new TabtuneError(
      'unsupported',
      `Models of the type "${type}" are not supported; ${Object.keys(ENCODERS).join(', ')} are.`,
      { place: { file: 'config.json' }, fix: 'Pick an encoder model of one of these types.' },
    );
  const { prefix } = ENCODERS[architecture];
  return { architecture, prefix, ...ENCODER_SPECS[architecture](config) };
}

/** As `encoderSpec`, for decoders. */
export function decoderSpec(config: HfConfig): KnownDecoder {
  const type = String(config['model_type']);
  const architecture = decoderNamed(type);
  if (!architecture)
    throw new TabtuneError(
      'unsupported',
      `Language models of the type "${type}" are not supported; ${Object.keys(DECODERS).join(', ')} are.`,
      { place: { file: 'config.json' }, fix: 'Pick a language model of one of these types.' },
    );
  const layers = Number(config[DECODERS[architecture].sizes.layers] ?? 0);
  if (layers > MOST_LAYERS) badConfig(`${layers} layers are more than any language model has.`);
  const spec = DECODER_SPECS[architecture](config);
  const { heads, keyValueHeads, headSize } = spec;
  if (heads % keyValueHeads !== 0) badConfig(`${keyValueHeads} key heads do not divide ${heads} attention heads.`);
  if (headSize % 2 !== 0) badConfig(`heads of ${headSize} values cannot be halved for rotary positions.`);
  return { architecture, fanInFanOut: DECODERS[architecture].fanInFanOut, ...spec };
}
