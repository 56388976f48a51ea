/** What comes with the app: the sample data sets and the embedded models; and which files of data can be picked. */
import { TABLE_FORMATS } from '../data/tables';

export { SAMPLES } from '../data/samples';
export { EMBEDDED_MODELS } from '../hub/embedded';

/** For the `accept` of a file picker. */
export const DATA_TYPES = TABLE_FORMATS.flatMap(({ fileTypes }) => fileTypes).join(',');
