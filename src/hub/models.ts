/** The one door to base models: embedded ones, the Hugging Face Hub, and folders that were dropped. */
import type { ModelDescription, ModelSource } from '../domain/model';
import type { FetchOptions, FetchedModel, HubContext } from './context';
import { describeStored } from './dropped';
import { describeEmbedded, describeHubModel, fetchEmbedded, fetchHub } from './remote';

export type { FetchOptions, FetchedModel, HubContext } from './context';
export { openDropped, storeDropped } from './dropped';

/**
 * What is known of a model before it is loaded; for the Hub the revision becomes a commit. Throws as `fetchModel` does.
 */
export function describeModel(
  context: HubContext,
  source: ModelSource,
  options: FetchOptions = {},
): Promise<ModelDescription> {
  switch (source.kind) {
    case 'embedded':
      return describeEmbedded(context, source);
    case 'hub':
      return describeHubModel(context, source, options);
    case 'files':
      return describeStored(context, source);
  }
}

/**
 * A model's files, from the cache as far as they are there. Throws `network` (downloading again goes on where it
 * stopped), `not-found`, `missing-file`, `bad-model`, `unsupported`, `storage` or `cancelled`.
 */
export async function fetchModel(
  context: HubContext,
  source: ModelSource,
  options: FetchOptions = {},
): Promise<FetchedModel> {
  switch (source.kind) {
    case 'embedded':
      return fetchEmbedded(context, source, options);
    case 'hub':
      return fetchHub(context, source, options);
    case 'files': {
      const licence = (await context.cache.note(source.cacheKey))?.licence ?? null;
      return { source, name: source.name, licence, files: await context.cache.folder(source.cacheKey, source.name) };
    }
  }
}
