/** What runs that write can be taken away as, in the order in which it is offered. */
import type { Export } from '../../../../worker/run/export';
import type { WritingRun } from '../run';
import { adapter } from './adapter';
import { answers } from './answers';
import { ggufF16, ggufQ4, ggufQ8 } from './gguf';
import { ggufAdapter } from './gguf-adapter';
import { trainScript } from './train-script';
import { full, merged } from './whole';

export const EXPORTS: readonly Export<WritingRun>[] = [
  full,
  adapter,
  merged,
  ggufQ8,
  ggufQ4,
  ggufF16,
  ggufAdapter,
  trainScript,
  answers,
];
