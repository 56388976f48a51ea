/** What comes with the app: the sample data sets and the embedded models; and which files of data can be picked. */
import { TABLE_FORMATS } from '../data/tables';

export { SAMPLES } from '../data/samples';
export { EMBEDDED_MODELS } from '../hub/embedded';

/** What may be packed in which files of data come. */
const ARCHIVES = ['.zip', '.gz', '.tgz', '.tar'];

/** For the `accept` of a file picker. */
export const DATA_TYPES = [...TABLE_FORMATS.flatMap(({ fileTypes }) => fileTypes), ...ARCHIVES].join(',');

/** "CSV, TSV, TXT, JSONL, JSON": the formats by their name endings, the commonest first. */
export const DATA_FORMATS = [
  ...new Set(
    [...TABLE_FORMATS].reverse().flatMap(
      ({ fileTypes }) =>
        fileTypes
          .find((type) => type.startsWith('.'))
          ?.slice(1)
          .toUpperCase() ?? [],
    ),
  ),
].join(', ');
