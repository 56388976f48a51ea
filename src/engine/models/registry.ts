/** Architectures by `config.model_type`. */
import { TabtuneError } from '../../base/errors';
import type { DecoderArchitecture, EncoderArchitecture } from '../../domain/model';
import type { HfConfig } from '../types';
import type { EncoderSpec } from './architecture';
import { bert } from './bert';
import type { DecoderSpec } from './decoder';
import { distilbert } from './distilbert';
import { gpt2 } from './gpt2';
import { llama, qwen2, qwen3 } from './llama';
import { roberta, xlmRoberta } from './roberta';

const ARCHITECTURES: Record<EncoderArchitecture, (config: HfConfig) => EncoderSpec> = {
  bert,
  distilbert,
  roberta,
  'xlm-roberta': xlmRoberta,
};

/**
 * The configuration read for its architecture; throws `unsupported` naming what is supported, or `bad-config` naming
 * the field.
 */
export function encoderSpec(config: HfConfig): EncoderSpec {
  const type = String(config['model_type']);
  if (!Object.hasOwn(ARCHITECTURES, type))
    throw new TabtuneError(
      'unsupported',
      `Models of the type "${type}" are not supported; ${Object.keys(ARCHITECTURES).join(', ')} are.`,
      { place: { file: 'config.json' }, fix: 'Pick an encoder model of one of these types.' },
    );
  const spec = ARCHITECTURES[type as EncoderArchitecture](config);
  checkFigures(spec);
  return spec;
}

function bad(what: string): never {
  throw new TabtuneError('bad-config', `config.json: ${what}`, {
    place: { file: 'config.json' },
    fix: 'Use the config.json that belongs to these weights.',
  });
}

/** More than any model has; each layer is written out, so that a wrong number must not be taken at its word. */
const MOST_LAYERS = 1024;

/** Figures that are numbers and still cannot be true. */
function checkFigures(spec: EncoderSpec): void {
  const { hiddenSize, heads, vocabularySize, padId, firstPosition, positionRows, normEpsilon, initializerRange } = spec;
  if (spec.layers > MOST_LAYERS) bad(`${spec.layers} layers are more than any encoder has.`);
  if (hiddenSize % heads !== 0) bad(`${heads} attention heads do not divide the width ${hiddenSize}.`);
  if (padId >= vocabularySize) bad(`the padding token ${padId} is outside the vocabulary of ${vocabularySize}.`);
  if (firstPosition >= positionRows) bad(`${positionRows} positions leave no room for a text.`);
  for (const share of [spec.hiddenDropout, spec.attentionDropout, spec.classifierDropout])
    if (!(share >= 0 && share < 1)) bad(`a dropout of ${share} is not from 0 to below 1.`);
  if (!(normEpsilon > 0)) bad(`the epsilon of the layer norm is ${normEpsilon}, not above 0.`);
  if (!(initializerRange >= 0)) bad(`\`initializer_range\` is ${initializerRange}, below 0.`);
}

const DECODERS: Record<DecoderArchitecture, (config: HfConfig) => DecoderSpec> = { llama, qwen2, qwen3, gpt2 };

/** As `encoderSpec`, for decoders. */
export function decoderSpec(config: HfConfig): DecoderSpec {
  const type = String(config['model_type']);
  if (!Object.hasOwn(DECODERS, type))
    throw new TabtuneError(
      'unsupported',
      `Language models of the type "${type}" are not supported; ${Object.keys(DECODERS).join(', ')} are.`,
      { place: { file: 'config.json' }, fix: 'Pick a language model of one of these types.' },
    );
  const layers = Number(config['num_hidden_layers'] ?? config['n_layer'] ?? 0);
  if (layers > MOST_LAYERS) bad(`${layers} layers are more than any language model has.`);
  const spec = DECODERS[type as DecoderArchitecture](config);
  const { heads, keyValueHeads, headSize } = spec;
  if (heads % keyValueHeads !== 0) bad(`${keyValueHeads} key heads do not divide ${heads} attention heads.`);
  if (headSize % 2 !== 0) bad(`heads of ${headSize} values cannot be halved for rotary positions.`);
  return spec;
}
