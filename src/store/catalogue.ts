/** What comes with the app: the sample data sets and the embedded models; and which files of data can be picked. */
import { FILE_TYPES } from '../data/tables/file-types';

export { SAMPLES } from '../data/samples';
export { EMBEDDED_MODELS } from '../hub/embedded';

/** For the `accept` of a file picker. */
export const DATA_TYPES = [...new Set(Object.values(FILE_TYPES).flat())].join(',');
