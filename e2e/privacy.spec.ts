/** No byte of a person's data is in any request; the same check catches a leak that is made on purpose, from page and worker. */
import { delimited, topicRows, upload } from './support/data';
import { openWire, type Wire } from './support/wire';
import { expect, test } from './support/test';

const CANARY = 'zebrafish-umbrella-4711';

let wire: Wire;

test.use({
  proxy: async ({}, use) => {
    wire = await openWire();
    await use(wire.proxy);
    await wire.close();
  },
});

test('a deliberate leak is caught, from the page and from a worker', async ({ app, complaints }) => {
  complaints.expect(/404/); // The worker's leak goes to an address that is not there.
  await app.page.goto(app.site.url);
  await expect.poll(() => wire.sent()).toContain('/some/folder/');
  expect(wire.sent()).not.toContain(CANARY);
  await app.page.evaluate((canary) => fetch(`./LICENSE.txt?from=page&leak=${canary}`).then((answer) => answer.text()), CANARY);
  await expect.poll(() => wire.sent()).toContain(CANARY);
  const fromWorker = `${CANARY}-from-worker`;
  expect(wire.sent()).not.toContain(fromWorker);
  await app.page.evaluate((canary) => {
    const code = `fetch('${location.origin}/hub/leak', { method: 'POST', body: '${canary}' });`;
    new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  }, fromWorker);
  await expect.poll(() => wire.sent()).toContain(fromWorker);
});

test('rows, labels, file names and typed texts never leave the tab, on the whole way', async ({ app, site }) => {
  test.setTimeout(240_000);
  const rows = topicRows(12).map(({ text, label }) => [`${text} ${CANARY}`, label === 'food' ? `food-${CANARY}` : label]);
  await app.open();
  await app.start.choose(upload(`${CANARY}.csv`, delimited([['text', `label-${CANARY}`], ...rows])));
  await app.data.opened();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Thorough');
  await app.train.start();
  await app.train.finished();
  await app.go('evaluate');
  await app.evaluate.evaluated();
  await app.go('try');
  await app.try.field('Text').fill(`${CANARY} tried`);
  await expect(app.try.answers).toHaveCount(3);
  await app.go('export');
  await app.export.download('The whole model', true);
  await app.export.download('Predictions', false);
  await app.page.reload();
  await expect(app.line('train')).toContainText('Trained', { timeout: 30_000 });
  // The wire saw the run's own requests, the model's name among them, and nothing of the person's.
  expect(wire.sent()).toContain('tabtune/tiny-bert');
  expect(site.hub.downloads.length).toBeGreaterThan(0);
  expect(wire.sent()).not.toContain(CANARY);
  expect(wire.foreignHosts).toEqual([]);
});
