/** How the browser is started: without WebGPU (the default of the tests), or with its software adapter. */
import type { LaunchOptions } from '@playwright/test';
import { browserFlags, installedBrowser } from '../../scripts/lib/browser.mjs';

const executablePath = installedBrowser();

export const launchOptions = (webgpu: boolean): LaunchOptions => ({
  ...(executablePath ? { executablePath } : {}),
  args: browserFlags({ webgpu }),
});
