/** The targets' names, for whoever starts them in threads of their own. */
import { TARGETS } from './targets';

export const NAMES = TARGETS.map(({ name }) => name);
