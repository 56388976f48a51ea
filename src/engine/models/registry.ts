/** Architectures by `config.model_type`. */
import { TabtuneError } from '../../base/errors';
import type { EncoderArchitecture } from '../../domain/model';
import type { HfConfig } from '../types';
import type { EncoderSpec } from './architecture';
import { bert } from './bert';
import { distilbert } from './distilbert';
import { roberta, xlmRoberta } from './roberta';

const ARCHITECTURES: Record<EncoderArchitecture, (config: HfConfig) => EncoderSpec> = { bert, distilbert, roberta, 'xlm-roberta': xlmRoberta };

/** The configuration read for its architecture; throws `unsupported` naming what is supported, or `bad-config` naming the field. */
export function encoderSpec(config: HfConfig): EncoderSpec {
  const type = String(config['model_type']);
  if (!Object.hasOwn(ARCHITECTURES, type))
    throw new TabtuneError('unsupported', `Models of the type "${type}" are not supported; ${Object.keys(ARCHITECTURES).join(', ')} are.`, {
      place: { file: 'config.json' },
      fix: 'Pick an encoder model of one of these types.',
    });
  const spec = ARCHITECTURES[type as EncoderArchitecture](config);
  if (spec.hiddenSize % spec.heads !== 0)
    throw new TabtuneError('bad-config', `config.json: ${spec.heads} attention heads do not divide the width ${spec.hiddenSize}.`, { place: { file: 'config.json' } });
  return spec;
}
