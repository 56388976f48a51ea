/**
 * The `test` that every spec uses: the site, the app's page objects, and a console that must stay free of complaints.
 */
import { test as base, expect, type BrowserContext } from '@playwright/test';
import type { BackendName } from '../../src/domain/device';
import { EMPTY_SESSION } from '../../src/store/session';
import { App } from '../pages/app';
import { openSite, type Site } from './site';

/** Console lines of the kinds warning and error, uncaught errors included, from pages and workers. */
export class Complaints {
  private readonly seen: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    context.on('console', (message) => {
      if (['warning', 'error', 'assert'].includes(message.type()))
        this.seen.push(`${message.type()}: ${message.text()}`);
    });
    context.on('weberror', (error) => this.seen.push(`uncaught: ${error.error().message}`));
  }

  /** The browser itself reports answers such as 404; a test that provokes one says so. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  get unexpected(): string[] {
    return this.seen.filter((line) => !this.expected.some((pattern) => pattern.test(line)));
  }
}

interface Options {
  /** The backend that the person has chosen; null lets the app measure. */
  backend: BackendName | null;
}

interface Fixtures {
  app: App;
  complaints: Complaints;
}

export const test = base.extend<Options & Fixtures, { site: Site }>({
  backend: ['wasm', { option: true }],
  site: [
    async ({}, use) => {
      const site = await openSite();
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints(context);
      complaints.expect(/Service Worker registration blocked by Playwright/);
      await use(complaints);
      expect(complaints.unexpected, 'the console must stay free of warnings and errors').toEqual([]);
    },
    { auto: true },
  ],
  app: async ({ page, context, site, backend }, use, info) => {
    site.hub.reset();
    const session = JSON.stringify({ ...EMPTY_SESSION, hubUrl: site.hubUrl, backendOverride: backend });
    await context.addInitScript((text) => {
      if (location.protocol !== 'http:') return; // The blank page of a new tab has no storage.
      localStorage.setItem('tabtune.session', localStorage.getItem('tabtune.session') ?? text);
    }, session);
    await use(new App(page, site, info));
    site.hub.release();
  },
});

export { expect };
