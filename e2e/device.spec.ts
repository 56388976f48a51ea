/** The device: WebAssembly where there is no WebGPU, said in the header; the page isolated; the choice can be changed. */
import { browserFlags, installedBrowser } from '../scripts/lib/browser.mjs';
import { expect, test } from './support/test';

const executablePath = installedBrowser();

test.describe('no WebGPU', () => {
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
});

test.describe('a software WebGPU adapter', () => {
  test.use({ backend: null, launchOptions: { ...(executablePath ? { executablePath } : {}), args: browserFlags({ webgpu: true }) } });

  test('loses to WebAssembly unless it is asked for', async ({ app }) => {
    await app.open();
    await expect(app.device).toContainText('CPU (WebAssembly');
    await app.device.click();
    await app.page.getByRole('menuitem', { name: /^WebGPU/ }).click();
    await expect(app.device).toContainText(/GPU \(.*SwiftShader/i, { timeout: 60_000 });
    await app.page.reload();
    await expect(app.device).toContainText(/GPU \(.*SwiftShader/i, { timeout: 60_000 });
  });
});
