/** What is on the device while an export is proved: never two models at once. */
import { expect, it } from 'vitest';
import { mostAtOnce } from '../testing/memory-peak';
import { INNER } from '../testing/model';
import { csv, predicted, prepared } from '../testing/session';

it.each([
  ['full', ['full']],
  ['lora', ['adapter', 'merged']],
  ['head', ['sentence-transformers']],
] as const)('a run by the method %s is exported with one model at a time on the device', async (method, kinds) => {
  const { client, train } = await prepared(csv(40));
  const { run } = await train(method, { epochs: 1 });
  const { hiddenSize, layers } = run.model;
  // One matrix a layer has this shape, and nothing else; while trained values are put back, one is there twice.
  const matrix = [hiddenSize, INNER].join();
  for (const id of kinds) {
    // Frees the trained model: all that is there is built anew, and counted.
    await client.request('useBackend', { backend: 'cpu' });
    const most = await mostAtOnce(matrix, async () => {
      const { replay } = await client.request('exportRun', { id });
      expect(replay?.largestDifference).toBeLessThan(1e-4);
    });
    expect(most, id).toBeGreaterThanOrEqual(layers);
    expect(most, id).toBeLessThan(2 * layers);
  }
  // The model before beside the trained one: here there are two.
  const both = () => predicted(client, { text: 'the film was good', textPair: null });
  expect(await mostAtOnce(matrix, both)).toBeGreaterThanOrEqual(2 * layers);
});
