/** Versions that a recipe names. */
import { dependencies, version } from '../../../package.json';

export const VERSIONS = { tabtune: version, tfjs: dependencies['@tensorflow/tfjs-core'] } as const;
