/**
 * A software WebGPU adapter is slower than WebAssembly: it is used only when a person asks for it, and the choice is
 * kept.
 */
import { launchOptions } from './support/launch';
import { expect, test } from './support/test';

test.use({ backend: null, launchOptions: launchOptions(true) });

test('loses to WebAssembly unless it is asked for', async ({ app }) => {
  await app.open();
  await expect(app.device).toContainText('CPU (WebAssembly');
  await app.device.click();
  await app.page.getByRole('menuitem', { name: /^WebGPU/ }).click();
  await expect(app.device).toContainText(/GPU \(.*SwiftShader/i, { timeout: 60_000 });
  await app.page.reload();
  await expect(app.device).toContainText(/GPU \(.*SwiftShader/i, { timeout: 60_000 });
});
