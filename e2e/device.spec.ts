/** No WebGPU: WebAssembly, said in the header, on an isolated page. */
import { expect, test } from './support/test';

test.use({ backend: null });

test('training runs on WebAssembly, and the header says so', async ({ app }) => {
  await app.open();
  await expect(app.device).toContainText('CPU (WebAssembly');
  expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(true);
  await app.device.click();
  await expect(app.page.getByRole('menuitem', { name: /^WebGPU/ })).toBeDisabled();
  await expect(app.page.getByRole('menuitem', { name: /^WebAssembly/ })).toContainText('GFLOP/s measured');
});

test('nothing has left the tab', async ({ app }) => {
  await app.open();
  await expect(app.page.getByTestId('left-tab')).toContainText('0 B');
});
