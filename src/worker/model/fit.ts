/** Whether a model can learn the rows. */
import { TabtuneError } from '../../base/errors';
import type { Mapping } from '../../domain/dataset';
import type { ModelInfo } from '../../domain/model';
import { lessonOf } from '../../lessons/index';

/** Throws `bad-config`, saying what is wrong and the way out, when the model cannot learn rows that are mapped so. */
export function refuseMisfit(mapping: Mapping, model: ModelInfo): void {
  const { fits, lines } = lessonOf(mapping);
  if (fits(model)) return;
  const { message, fix } = lines.misfit(model);
  throw new TabtuneError('bad-config', message, { fix });
}
