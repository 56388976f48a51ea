import type { Finding } from '../../../domain/dataset';
import type { ClassifyMapping } from './schema';

/** A finding whose button changes the mapping. */
export const withRemedy = (
  mapping: ClassifyMapping,
  text: string,
  label: string,
  change: Partial<ClassifyMapping>,
): Finding => ({ text, action: { label, mapping: { ...mapping, ...change } } });
