/**
 * A browser of our own on a profile that outlives it: it can be killed at any moment and started again, and its parts
 * can be crashed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { browserFlags, installedBrowser } from '../../scripts/lib/browser.mjs';

const STARTED = /DevTools listening on (ws:\S+)/;

/** The address under which a fresh browser can be steered; rejects when it ends before it tells. */
function steeringAddress(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    process.stderr?.on('data', (piece: Buffer) => {
      said += piece.toString();
      const address = STARTED.exec(said)?.[1];
      if (address) resolve(address);
    });
    process.on('exit', () => reject(new Error(`The browser ended at once:\n${said}`)));
    process.on('error', reject);
  });
}

/**
 * Chromium takes WebGPU from a page after its second GPU crash in minutes, which is right for a person and too soon for
 * a test of crashes.
 */
const CRASHES_FORGIVEN = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];

export class KillableBrowser {
  private readonly profile = mkdtempSync(join(tmpdir(), 'tabtune-profile-'));
  private readonly session: string;
  private readonly flags: string[];
  private process: ChildProcess | null = null;
  private browser: Browser | null = null;

  /** @param session what the app finds in localStorage the first time */
  constructor(session: string, { webgpu = false } = {}) {
    this.session = session;
    this.flags = [...browserFlags({ webgpu }), ...(webgpu ? CRASHES_FORGIVEN : [])];
  }

  get version(): string {
    return this.browser?.version() ?? '';
  }

  /** Starts the browser on the profile. */
  async start(): Promise<Page> {
    const flags = [
      ...this.flags,
      '--headless=new',
      '--remote-debugging-port=0',
      '--hide-crash-restore-bubble',
      `--user-data-dir=${this.profile}`,
    ];
    // A group of its own, so that the kill reaches every process of this browser and no other.
    const started = spawn(installedBrowser() ?? chromium.executablePath(), [...flags, 'about:blank'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process = started;
    this.browser = await chromium.connectOverCDP(await steeringAddress(started));
    const [context] = this.browser.contexts();
    if (!context) throw new Error('The browser has no context.');
    await context.addInitScript((text) => {
      if (location.protocol === 'http:')
        localStorage.setItem('tabtune.session', localStorage.getItem('tabtune.session') ?? text);
    }, this.session);
    return context.pages()[0] ?? context.newPage();
  }

  /** SIGKILL to all its processes at once: nothing is flushed, nobody is asked. */
  async kill(): Promise<void> {
    const { process: running } = this;
    this.process = null;
    if (!running?.pid || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    process.kill(-running.pid, 'SIGKILL');
    await gone;
    await this.browser?.close().catch(() => undefined);
  }

  /** The process behind a page crashes; the page that takes its place. */
  async crashPage(page: Page): Promise<Page> {
    const devtools = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent('crash');
    void devtools.send('Page.crash').catch(() => undefined);
    await crashed;
    const next = await page.context().newPage();
    await page.close();
    return next;
  }

  /** The process that works the GPU crashes; its pages live on. */
  async crashGpu(): Promise<void> {
    const devtools = await this.browser?.newBrowserCDPSession();
    await devtools?.send('Browser.crashGpuProcess').catch(() => undefined);
    await devtools?.detach();
  }

  /** Ends the browser and removes its profile. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
