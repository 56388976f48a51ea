/**
 * No byte of a person's data is in any request; the same check catches a leak that is made on purpose, from page and
 * worker.
 */
import AxeBuilder from '@axe-core/playwright';
import { delimited, topicRows, upload } from './support/data';
import { openWire, type Wire } from './support/wire';
import { expect, test } from './support/test';

const CANARY = 'zebrafish-umbrella-4711';

let wire: Wire;

test.use({
  serviceWorkers: 'allow',
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
  await app.page.evaluate(
    (canary) => fetch(`./LICENSE.txt?from=page&leak=${canary}`).then((answer) => answer.text()),
    CANARY,
  );
  await expect.poll(() => wire.sent()).toContain(CANARY);
  const fromWorker = `${CANARY}-from-worker`;
  expect(wire.sent()).not.toContain(fromWorker);
  await app.page.evaluate((canary) => {
    // Made by the page's own script, which a real leak would be as well: the Trusted Types policy lets scripts of this
    // address through.
    const code = `fetch('${location.origin}/hub/leak', { method: 'POST', body: '${canary}' });`;
    new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  }, fromWorker);
  await expect.poll(() => wire.sent()).toContain(fromWorker);
});

test('rows, labels, file names and typed texts never leave the tab, on the whole way', async ({ app, site }) => {
  test.setTimeout(240_000);
  const rows = topicRows(12).map(({ text, label }) => [
    `${text} ${CANARY}`,
    label === 'food' ? `food-${CANARY}` : label,
  ]);
  await app.open();
  await app.start.choose(upload(`${CANARY}.csv`, delimited([['text', `label-${CANARY}`], ...rows])));
  await app.data.opened();
  await app.wholeWay(`${CANARY} tried`);
  await app.export.download('Predictions', false);
  await app.page.reload();
  await expect(app.line('train')).toContainText('Trained', { timeout: 30_000 });
  // The wire saw the run's own requests, the model's name among them, and nothing of the person's.
  expect(wire.sent()).toContain('tabtune/tiny-bert');
  expect(site.hub.downloads.length).toBeGreaterThan(0);
  expect(wire.sent()).not.toContain(CANARY);
  expect(wire.foreignHosts).toEqual([]);
});

test('the header counts what page and worker send to another address', async ({ app, complaints }) => {
  // The proxy refuses every other address, and the page policy all but the hub's: what is tried counts all the same.
  complaints.expect(/ERR_TUNNEL_CONNECTION_FAILED|502/);
  await app.open();
  const counter = app.page.getByTestId('left-tab');
  await expect(counter).toContainText('0 B');
  const leak = `https://huggingface.co/?leak=${CANARY}`;
  await app.page.evaluate(
    (address) => fetch(address, { method: 'POST', body: 'four', mode: 'no-cors' }).catch(() => undefined),
    leak,
  );
  await expect(counter).toContainText(`${leak.length + 4} B`);
  await app.page.getByRole('button', { name: 'Settings' }).click();
  await app.page.getByRole('button', { name: 'Back to the default' }).click();
  await app.page.keyboard.press('Escape');
  await app.go('model');
  await app.model.lookUp('owner/name');
  await expect(app.error('network')).toBeVisible();
  // The worker tells its sums now and then.
  const bytes = async (): Promise<number> => Number(/(\d+) B/.exec(await counter.innerText())?.[1]);
  await expect.poll(bytes).toBeGreaterThan(leak.length + 4 + 'https://huggingface.co/api/models/owner/name'.length);
  expect(wire.foreignHosts.every((host) => host.startsWith('huggingface.co'))).toBe(true);
});

test('the privacy page says what is kept where, and deletes all of it', async ({ app }) => {
  test.setTimeout(180_000);
  await app.open();
  await app.start.choose(
    upload(`${CANARY}.csv`, delimited([['text', 'label'], ...topicRows(12).map(({ text, label }) => [text, label])])),
  );
  await app.data.opened();
  await app.useTinyModel();
  await app.page.getByTestId('left-tab').focus();
  await app.page.keyboard.press('Enter');
  const dialog = app.page.getByRole('dialog', { name: 'Privacy' });
  const table = dialog.getByRole('table', { name: 'What this browser keeps' });
  await expect(table.getByRole('row', { name: /^1 data set Private file system \(OPFS\) [1-9]/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /^Models Private file system \(OPFS\) [1-9]/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /^Settings and corrected answers localStorage [1-9]/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /^The app itself, for use offline Cache storage [1-9]/ })).toBeVisible({
    timeout: 60_000,
  });
  for (const width of [1280, 360]) {
    await app.page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page: app.page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(
      await app.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
    await app.picture(`privacy-${width}`);
  }
  await dialog.getByRole('button', { name: 'Delete everything …' }).press('Enter');
  // Until the page has loaded anew and written its settings again, nothing may be left.
  await app.page.addInitScript(() => sessionStorage.setItem('left', String(localStorage.length)));
  await app.page.getByRole('button', { name: 'Delete everything', exact: true }).press('Enter');
  await expect(app.page.getByRole('heading', { level: 1, name: /Teach a language model/ })).toBeVisible({
    timeout: 30_000,
  });
  const left = await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const [folder, handle] of root.entries())
      if (handle instanceof FileSystemDirectoryHandle)
        for await (const name of handle.keys())
          for await (const file of (await handle.getDirectoryHandle(name)).keys())
            names.push(`${folder}/${name}/${file}`);
    return names;
  });
  expect(left).toEqual([]);
});
