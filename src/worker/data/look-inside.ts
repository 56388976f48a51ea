/** The names in archives, by which the page tells a model from data. */
import { blobSource } from '../../base/bytes';
import { readDirectory } from '../../formats/zip-directory';
import { UNPACK_LIMITS } from './unpack';

export const lookInside = (files: readonly File[]): Promise<(string[] | null)[]> =>
  Promise.all(
    files.map((file) =>
      readDirectory(blobSource(file.name, file), UNPACK_LIMITS.files).then(
        (entries) => entries.map(({ name }) => name),
        () => null,
      ),
    ),
  );
