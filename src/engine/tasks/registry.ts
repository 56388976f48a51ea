/** Tasks by name. */
import { multiLabel } from './multi-label';
import { regression } from './regression';
import { singleLabel } from './single-label';
import type { EngineTask, Task } from './task';

export const TASKS: Record<EngineTask, Task> = {
  'single-label': singleLabel,
  'multi-label': multiLabel,
  regression,
  token: singleLabel,
};
