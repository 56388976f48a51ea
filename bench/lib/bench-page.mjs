/** The bench page, built and served, in a browser of its own. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { browserFlags, installedBrowser } from '../../scripts/lib/browser.mjs';
import { ROOT } from '../../scripts/lib/dependencies.mjs';
import { serveFolder } from '../../scripts/lib/static-server.mjs';

const OUT = join(ROOT, 'node_modules', '.cache', 'tabtune', 'bench-page');
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/**
 * The name of the adapter that a browser offers, empty for none. @param {import('@playwright/test').Browser} browser
 * @param {string} baseUrl
 */
async function adapterName(browser, baseUrl) {
  const page = await browser.newPage();
  await page.goto(baseUrl);
  const { adapter } = await page.evaluate(() => window.bench.about());
  await page.close();
  return adapter ?? '';
}

/**
 * A browser on a real adapter where the machine has one, else on the software adapter. @param {string} baseUrl @param
 * {string} adapter `software` takes that one in any case
 */
async function openBrowser(baseUrl, adapter) {
  const args = browserFlags();
  const executablePath = installedBrowser();
  const launch = (/** @type {string[]} */ args) =>
    chromium.launch({ ...(executablePath ? { executablePath } : {}), args });
  const real = await launch(args.filter((flag) => !flag.startsWith('--use-webgpu-adapter')));
  const name = adapter === 'software' ? '' : await adapterName(real, baseUrl);
  if (name && !SOFTWARE.test(name)) return real;
  await real.close();
  return launch(args);
}

/** @param {string} adapter `software`, or empty for the machine's own where it has one */
export async function openBenchPage(adapter) {
  rmSync(OUT, { recursive: true, force: true });
  await build({
    root: join(ROOT, 'bench'),
    configFile: join(ROOT, 'vite.config.ts'),
    publicDir: false,
    logLevel: 'error',
    build: { outDir: OUT, emptyOutDir: true },
  });
  const server = await serveFolder({ folder: OUT, port: 0 });
  const baseUrl = `http://127.0.0.1:${server.port}/`;
  const browser = await openBrowser(baseUrl, adapter);
  return {
    baseUrl,
    newPage: async () => {
      const page = await browser.newPage();
      page.on(
        'console',
        (message) =>
          ['error', 'warning'].includes(message.type()) &&
          console.log(`  [${message.type()}] ${message.text().slice(0, 300)}`),
      );
      page.on('pageerror', (error) => console.log(`  [page] ${error.message}`));
      await page.goto(baseUrl);
      await page.waitForFunction(() => 'bench' in window);
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
