/** The last layer of a head that answers numbers: as it is learned, and as others read it. */
import { fromFloat32, toFloat32 } from '../formats/dtype';
import type { NamedTensor } from '../formats/tensor';
import { inUnit, learnedOf } from '../domain/target-scale';
import type { TargetScale } from '../domain/target-scale';
import type { HfConfig } from './types';

/** The field of `config.json` that says what the head answers; transformers keeps it and does nothing with it. */
const TRANSFORM = 'target_transform';

export const answersLogarithms = (config: HfConfig): boolean => config[TRANSFORM] === 'log';

/** The configuration of a model that was taught with such a scale. */
export function configOfAnswers(config: HfConfig, scale: TargetScale | undefined): HfConfig {
  if (scale?.log) return { ...config, [TRANSFORM]: 'log' };
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== TRANSFORM));
}

const isBias = (name: string): boolean => name.endsWith('.bias');
/** What a head answers lies on a line with what is learned; logarithms stay logarithms. */
const line = ({ mean, std }: TargetScale): TargetScale => ({ mean, std, log: false });

/** weight / std, (bias − mean) / std: what the layer answers, as it is learned. */
export function headAsLearned(name: string, values: Float32Array, scale: TargetScale): Float32Array {
  const { std } = scale;
  return values.map(isBias(name) ? (bias) => learnedOf(line(scale), bias) : (weight) => weight / std);
}

/** weight · std, bias · std + mean: what the layer learned, as it answers in the unit of the data. */
export function headInUnit(tensor: NamedTensor, scale: TargetScale): NamedTensor {
  const { name, shape } = tensor;
  const { std } = scale;
  const values = toFloat32(tensor);
  return fromFloat32(
    name,
    shape,
    values.map(isBias(name) ? (bias) => inUnit(line(scale), bias) : (weight) => weight * std),
  );
}
