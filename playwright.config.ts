/** End-to-end tests: the built app in an installed Chromium, from a server of our own. */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/support/launch';

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './e2e/support/build.ts',
  outputDir: 'test-results/e2e',
  fullyParallel: false,
  // Training keeps every core busy; a second browser would only slow the first one down.
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    // Each test would fetch the app and its models a second time; those about the service worker say so
    // (e2e/offline.spec.ts, e2e/privacy.spec.ts).
    serviceWorkers: 'block',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: launchOptions(false),
  },
});
