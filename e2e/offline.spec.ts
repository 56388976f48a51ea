/**
 * The app without a network: loaded once, it starts again and takes a sample to the end; on hosts without headers it
 * isolates itself.
 */
import { must } from '../src/base/assert';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DIST, openSite } from './support/site';
import { expect, test } from './support/test';

test.use({ serviceWorkers: 'allow' });

const READY =
  'This page works without a network, samples and the small model included; a large one once it has been picked.';

test('with the network cut after the first load, the sample run completes', async ({ app, complaints }) => {
  test.setTimeout(300_000);
  complaints.expect(/ERR_INTERNET_DISCONNECTED/);
  await app.open();
  await app.page.getByTestId('left-tab').click();
  await expect(app.page.getByRole('dialog', { name: 'Privacy' })).toContainText(READY, { timeout: 120_000 });
  await app.page.keyboard.press('Escape');

  await app.page.context().setOffline(true);
  await expect(
    app.page.evaluate(() =>
      fetch('./not-kept').then(
        () => 'online',
        () => 'offline',
      ),
    ),
  ).resolves.toBe('offline');
  await app.page.reload();
  await expect(app.device).not.toHaveText(/Measuring|No device/, { timeout: 60_000 });
  await app.page.getByRole('button', { name: 'Show me' }).click();
  await expect(app.page.getByRole('complementary', { name: 'Show me' })).toContainText('5 of 5', { timeout: 240_000 });
  await app.go('evaluate');
  const [base, tuned] = await app.evaluate.measure('Accuracy');
  expect(tuned).toBeGreaterThan(base);
});

test('every file of the build is on the list of what is kept', () => {
  const list = JSON.parse(
    /^const TABTUNE_FILES=(.*);$/m.exec(readFileSync(join(DIST, 'service-worker.js'), 'utf8'))?.[1] ?? '{}',
  ) as { app: Record<string, string>; models: Record<string, string> };
  const there = readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(DIST, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    // Large models are fetched when they are picked, and the cache of models keeps them.
    .filter(
      (path) => !['service-worker.js', '_headers'].includes(path) && !path.endsWith('.md') && !path.endsWith('.gguf'),
    );
  expect(Object.keys({ ...list.app, ...list.models }).sort()).toEqual(there.sort());
  expect(Object.keys(list.models).some((path) => path.endsWith('model.safetensors'))).toBe(true);
});

test('it can be installed', async ({ app }) => {
  await app.open();
  const manifest = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'public', 'manifest.webmanifest'), 'utf8'),
  ) as { icons: { src: string }[]; start_url: string };
  expect((await app.page.request.get(new URL(must(manifest.icons[0]).src, app.site.url).href)).ok()).toBe(true);
  const session = await app.page.context().newCDPSession(app.page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Tests run in a private context, which is the one thing that stands in the way.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
});

test('a host without headers: the second visit is isolated, and under the page policy', async ({ page }) => {
  const plain = await openSite({ headers: false });
  try {
    await page.goto(plain.url);
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(false);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await expect
      .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), { timeout: 60_000 })
      .toBe(true);
    const answer = await page.reload();
    expect(answer?.fromServiceWorker()).toBe(true);
    expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
    await expect(page.getByTestId('device')).not.toHaveText(/Measuring|No device/, { timeout: 60_000 });
  } finally {
    await plain.close();
  }
});

test('a new version waits, refuses to come under another open page, and comes when asked', async ({
  page,
  context,
}, info) => {
  test.setTimeout(120_000);
  const folder = info.outputPath('published');
  cpSync(DIST, folder, { recursive: true });
  const site = await openSite({ folder });
  const versions = (): Promise<string[]> =>
    page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('tabtune-app-')));
  try {
    await page.goto(site.url);
    await expect
      .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), { timeout: 60_000 })
      .toBe(true);
    const before = await versions();

    const file = join(folder, 'service-worker.js');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"version":"[^"]*"/, '"version":"next"'));
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
    const use = page.getByRole('button', { name: 'Use it now' });
    await expect(use).toBeEnabled({ timeout: 60_000 });
    await expect(page.getByText('A new version of Tabtune is ready.')).toBeVisible();

    const other = await context.newPage();
    await other.goto(site.url);
    await use.press('Enter');
    await expect(page.getByText('Close the other pages of Tabtune first')).toBeVisible();
    expect(await versions()).toEqual(expect.arrayContaining(before));

    await other.close();
    const loaded = page.waitForEvent('load');
    await use.press('Enter');
    await loaded;
    await expect.poll(versions, { timeout: 30_000 }).toEqual(['tabtune-app-next']);
    await expect(use).toBeHidden();
  } finally {
    await site.close();
  }
});

test('a version that is only partly there is not taken, and the one before goes on', async ({ page }, info) => {
  test.setTimeout(120_000);
  const folder = info.outputPath('published');
  cpSync(DIST, folder, { recursive: true });
  const site = await openSite({ folder });
  try {
    await page.goto(site.url);
    await expect
      .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), { timeout: 60_000 })
      .toBe(true);

    // The new worker is there, and beside it a page that names a script which nobody has.
    const [worker, index] = [join(folder, 'service-worker.js'), join(folder, 'index.html')];
    writeFileSync(worker, readFileSync(worker, 'utf8').replace(/"version":"[^"]*"/, '"version":"next"'));
    writeFileSync(index, readFileSync(index, 'utf8').replace(/src="\.\/assets\/[^"]*"/, 'src="./assets/gone.js"'));
    const states = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const seen: string[] = [];
      const ended = new Promise<void>((resolve) =>
        registration.addEventListener('updatefound', () =>
          registration.installing?.addEventListener('statechange', ({ target }) => {
            seen.push((target as ServiceWorker).state);
            if (seen.at(-1) === 'redundant') resolve();
          }),
        ),
      );
      await registration.update().catch(() => undefined);
      await ended;
      return seen;
    });
    expect(states).toEqual(['redundant']);

    await page.reload();
    await expect(page.getByTestId('device')).not.toHaveText(/Measuring|No device/, { timeout: 60_000 });
    await expect(page.getByText('A new version of Tabtune is ready.')).toBeHidden();
  } finally {
    await site.close();
  }
});
