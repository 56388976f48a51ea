/**
 * Models from the Hub: seen before they are downloaded, cut and gone on with, cancelled, cached, and refused with the
 * reason.
 */
import { topicsCsv, upload } from './support/data';
import { tinyBertFiles } from './support/hub-server';
import { expect, test } from './support/test';

test(
  'a model is described first; a broken download goes on where it stopped; the second time it comes ' +
    'from the cache',
  async ({ app, site, complaints }) => {
    await app.open();
    await app.go('model');
    await app.model.lookUp('tabtune/tiny-bert');
    await expect(app.model.described('Kind')).toContainText('bert');
    await expect(app.model.described('Licence')).toContainText('apache-2.0');
    await expect(app.model.described('Size')).toContainText('kB');
    expect(site.hub.downloads.filter(({ path }) => path.endsWith('.safetensors'))).toEqual([]);

    complaints.expect(/Failed to load resource: net::ERR_/); // The browser's own word on the cut.
    site.hub.cutNextDownload(40_000);
    await app.model.download.click();
    await expect(app.error('network')).toBeVisible();
    await app.model.goOn.click();
    await app.model.ready();
    const [first, second] = site.hub.downloads.filter(({ path }) => path.endsWith('.safetensors'));
    expect(first?.range).toBeNull();
    expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(second?.ifRange).toMatch(/^"[0-9a-f]{64}"$/);
    expect(second?.status).toBe(206);
    // Pinned: files are asked for by commit, never by a branch that may move.
    expect(site.hub.downloads.every(({ path }) => /\/resolve\/[0-9a-f]{40}\//.test(path))).toBe(true);

    await app.page.getByRole('button', { name: 'Unload' }).click();
    const asked = site.hub.downloads.length;
    await app.model.lookUp('tabtune/tiny-bert');
    await expect(app.model.download).toContainText('in the cache');
    await app.model.download.click();
    await app.model.ready();
    expect(site.hub.downloads.slice(asked).filter(({ path }) => path.endsWith('.safetensors'))).toEqual([]);
  },
);

test('a download can be cancelled at once', async ({ app, site }) => {
  await app.open();
  await app.go('model');
  await app.model.lookUp('tabtune/tiny-bert');
  site.hub.holdDownloads();
  await app.model.download.click();
  await expect.poll(() => site.hub.downloads.some(({ path }) => path.endsWith('.safetensors'))).toBe(true);
  await app.model.cancel.click();
  await expect(app.model.cancel).toHaveCount(0, { timeout: 2_000 });
  await expect(app.page.getByRole('alert')).toHaveCount(0);
  site.hub.release();
  await app.model.download.click();
  await app.model.ready();
});

test('a pasted address works like an id', async ({ app }) => {
  await app.open();
  await app.go('model');
  await app.model.lookUp('https://huggingface.co/tabtune/tiny-bert/tree/main');
  await expect(app.model.described('Kind')).toContainText('bert');
});

test.describe('what cannot be used says why', () => {
  test('another architecture', async ({ app }) => {
    await app.open();
    await app.go('model');
    await app.model.lookUp('tabtune/tiny-mamba');
    const notice = app.page.getByRole('alert');
    await expect(notice).toContainText('mamba');
    await expect(notice).toContainText(/BERT/i);
    await expect(app.model.download).toHaveCount(0);
  });

  test('a model that is not there', async ({ app, complaints }) => {
    complaints.expect(/Failed to load resource: the server responded with a status of 404/);
    await app.open();
    await app.go('model');
    await app.model.lookUp('tabtune/nowhere');
    await expect(app.error('not-found')).toContainText('tabtune/nowhere');
  });

  test('a model with terms to accept', async ({ app }) => {
    await app.open();
    await app.go('model');
    await app.model.lookUp('tabtune/gated-bert');
    await expect(app.page.getByRole('alert')).toContainText('accept terms');
    await expect(app.model.download).toHaveCount(0);
  });

  test('a pickle checkpoint', async ({ app }) => {
    await app.open();
    await app.go('model');
    await app.model.lookUp('tabtune/pickle-only');
    await expect(app.page.getByRole('alert')).toContainText(/pytorch_model\.bin|safetensors/);
  });
});

test("the Hub's address is a setting", async ({ app, site }) => {
  site.hub.publish('tabtune/elsewhere', tinyBertFiles());
  await app.open();
  await app.page.getByRole('button', { name: 'Settings' }).click();
  const field = app.page.getByRole('textbox', { name: 'Address of the model hub' });
  await expect(field).toHaveValue(site.hubUrl);
  await field.fill(`${site.hubUrl}/nothing-here`);
  await app.page.getByRole('button', { name: 'Save' }).click();
  await expect(field).toHaveValue(`${site.hubUrl}/nothing-here`);
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('dialog')).toHaveCount(0);
  await app.page.reload();
  await app.page.getByRole('button', { name: 'Settings' }).click();
  await expect(field).toHaveValue(`${site.hubUrl}/nothing-here`);
});

test('a model and a data set meet on the way to training', async ({ app }) => {
  await app.open();
  await app.start.choose(upload('topics.csv', topicsCsv(10)));
  await app.data.opened();
  await expect(app.line('train')).toHaveText('Needs a model');
  await app.useTinyModel();
  await expect(app.line('train')).toHaveText('Ready to start');
});
