/** No byte of a person's data is in any request; the same check catches a leak that is made on purpose, from page and worker. */
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
