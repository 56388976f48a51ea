/** What comes with the app: the sample data sets and the embedded models; and which files of data can be picked. */
import { FILE_TYPES } from '../data/tables/file-types';

export { SAMPLES } from '../data/samples';
export { EMBEDDED_MODELS } from '../hub/embedded';

/** What may be packed in which files of data come. */
const ARCHIVES = ['.zip', '.gz', '.tgz', '.tar'];

/** For the `accept` of a file picker. */
export const DATA_TYPES = [...new Set(Object.values(FILE_TYPES).flat()), ...ARCHIVES].join(',');

/** "CSV, TSV, TXT, JSONL, JSON": the formats by their name endings, the commonest first. */
export const DATA_FORMATS = [
  ...new Set(
    Object.values(FILE_TYPES)
      .reverse()
      .map(([ending]) => ending.slice(1).toUpperCase()),
  ),
].join(', ');
