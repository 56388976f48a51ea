/**
 * Kernels that are measured on the adapter before a run: asked for on the software adapter, seen in a dialog, kept over
 * a reload, forgotten.
 */
import AxeBuilder from '@axe-core/playwright';
import type { App } from './pages/app';
import { topicsCsv, upload } from './support/data';
import { launchOptions } from './support/launch';
import { expect, test } from './support/test';

test.use({ backend: 'webgpu', launchOptions: launchOptions(true) });

/** Opens the dialog by keyboard alone. */
async function openKernels({ page, device }: App): Promise<void> {
  await device.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'GPU kernels …' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'GPU kernels' })).toBeVisible();
}

test('kernels are measured when asked for, shown, kept and forgotten', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await app.open();
  await openKernels(app);
  const dialog = page.getByRole('dialog', { name: 'GPU kernels' });
  await expect(dialog).toContainText('Nothing has been measured yet');
  await expect(dialog.getByRole('button', { name: 'Forget the choices' })).toBeDisabled();
  await dialog.getByRole('switch', { name: 'Measure on this software adapter too' }).press('Space');
  await page.keyboard.press('Escape');

  await app.start.choose(upload('topics.csv', topicsCsv(12)));
  await app.data.opened();
  await app.useTinyModel();
  await app.go('train');
  await app.train.choose('Balanced');
  await app.train.set('Epochs', 1);
  await app.train.set('Batch size', 8);
  await app.train.start();
  await app.train.finished();
  // The steps that followed were recorded and replayed.
  await expect(page.getByText(/sizes? recorded, \d+ GPU commands a step/)).toBeVisible();
  await app.picture('train-recorded');

  await page.reload();
  await expect(app.device).toContainText(/GPU \(.*SwiftShader/i, { timeout: 60_000 });
  await openKernels(app);
  const rows = dialog.getByRole('table').getByRole('row');
  await expect(rows.filter({ hasText: /^(NT|NN|TN) \d+ × \d+ × \d+/ }).first()).toContainText(/any shape|registers/);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect
      .soft(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`),
        scheme,
      )
      .toEqual([]);
  }
  await page.setViewportSize({ width: 360, height: 900 });
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth))
    .toBeLessThanOrEqual(0);
  await app.picture('kernels-360');
  await dialog.getByRole('button', { name: 'Forget the choices' }).press('Enter');
  await expect(dialog).toContainText('Nothing has been measured yet');
  await page.reload();
  await openKernels(app);
  await expect(dialog).toContainText('Nothing has been measured yet');
});
