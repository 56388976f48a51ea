/** A run that is stopped in one way or another, at a moment drawn by chance, and goes on. */
import { expect, type Page, type TestInfo } from '@playwright/test';
import type { SeededRandom } from '../../src/base/random';
import { App } from '../pages/app';
import { keptStep, resumeRun } from './interrupted';
import { keptRuns } from './kept';
import type { KillableBrowser } from './killable';
import type { Site } from './site';

export const STOP_KINDS = ['pause', 'reload', 'page crash', 'browser kill', 'GPU crash'] as const;
export type StopKind = (typeof STOP_KINDS)[number];

/** From a run's last sign of life to its stop, at most. */
const LONGEST_MS = 150;
const PATIENCE = { timeout: 120_000, intervals: [20] };

/** What a stop came to. */
export interface Stop {
  kind: StopKind;
  /** The run ended before it could be stopped; it is none of the stops then. */
  missed: boolean;
  /**
   * It fell inside a save, as seen by what is left of it. Only a crash of the page and a kill of the browser leave
   * anything.
   */
  insideASave: boolean;
  /** A checkpoint that the page had called kept is gone or damaged, or the run went on from an earlier one. */
  lost: boolean;
  /** The run has ended by now: the stop fell into its last moments. */
  ended: boolean;
}

/**
 * Tells the page that it is hidden, as a switch to another tab would: the run is kept. Over and over when it is to be
 * found inside a save.
 */
const keep = (page: Page, overAndOver: boolean): Promise<void> =>
  page.evaluate((again) => {
    const hide = (): void => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('freeze'));
      Reflect.deleteProperty(document, 'visibilityState');
    };
    hide();
    if (again) setInterval(hide, 5);
  }, overAndOver);

export class StoppedRuns {
  private app: App;
  private finished = 0;
  /** The page that stands open has data and model. */
  private prepared = false;
  /** The last run ended as its page was lost. */
  private over = false;
  private readonly parts: {
    browser: KillableBrowser;
    site: Site;
    info: TestInfo;
    random: SeededRandom;
    epochs: number;
  };

  private constructor(parts: StoppedRuns['parts'], page: Page) {
    this.parts = parts;
    this.app = new App(page, parts.site, parts.info);
  }

  static open = async (parts: StoppedRuns['parts']): Promise<StoppedRuns> =>
    new StoppedRuns(parts, await parts.browser.start());

  /** Starts one more run. */
  async start(): Promise<void> {
    if (this.prepared) await this.app.go('train');
    else await this.app.readyToTrain();
    this.prepared = true;
    await this.app.train.start();
    await expect(this.app.line('train')).toHaveText(/^(Preparing|Step)/, { timeout: 30_000 });
  }

  /** Waits for the end of the run; what each of the finished ones came to. */
  async end(): Promise<string[]> {
    // Which run was open may be forgotten after a kill: then the page says nothing of it.
    if (!this.over) await expect(this.app.line('train')).toHaveText(/^Trained/, PATIENCE);
    this.over = false;
    const { finished } = await keptRuns(this.app.page);
    this.finished = finished.length;
    return finished;
  }

  /** Stops the run under way and has it go on. @param again it has been stopped before */
  async stop(kind: StopKind, again: boolean): Promise<Stop> {
    const stop = { kind, missed: false, insideASave: false, lost: false, ended: false };
    await this.untilStep((await this.step()) + 1 + this.below(this.parts.epochs));
    await this.app.page.waitForTimeout(this.below(LONGEST_MS));
    if (await this.hasEnded()) return { ...stop, missed: true, ended: true };
    if (kind === 'pause') return this.pause(stop);
    if (kind === 'GPU crash') return this.crashGpu(stop, again);
    return this.losePage(stop);
  }

  private below = (bound: number): number => this.parts.random.below(bound);

  /** The step that the page shows; 0 before the first. */
  private async step(): Promise<number> {
    return Number(/tep ([\d,]+)/.exec(await this.app.line('train').innerText())?.[1]?.replaceAll(',', '') ?? 0);
  }

  private hasEnded = async (): Promise<boolean> => (await this.app.line('train').innerText()).startsWith('Trained');

  private untilStep = (step: number): Promise<void> =>
    expect.poll(async () => (await this.step()) >= step || this.hasEnded(), PATIENCE).toBe(true);

  /** The step up to which the page says that the run is kept; 0 when it says nothing. */
  private keptStep = async (): Promise<number> =>
    (await this.app.train.checkpoint.isVisible()) ? ((await keptStep(this.app).catch(() => null)) ?? 0) : 0;

  private untilKept = (beyond = 0): Promise<void> =>
    expect.poll(async () => (await this.keptStep()) > beyond || this.hasEnded(), PATIENCE).toBe(true);

  private async pause(stop: Stop): Promise<Stop> {
    const [pause, resume] = [this.app.train.button('Pause'), this.app.train.button('Resume')];
    await pause.click({ timeout: 2000 }).catch(() => undefined);
    await expect.poll(async () => (await resume.isVisible()) || this.hasEnded(), PATIENCE).toBe(true);
    if (await this.hasEnded()) return { ...stop, missed: true, ended: true };
    const lost = (await this.keptStep()) !== (await this.step());
    await resume.click();
    return { ...stop, lost };
  }

  private async crashGpu(stop: Stop, again: boolean): Promise<Stop> {
    const notice = this.app.page.getByTestId('gpu-loss');
    const said = (await notice.isVisible()) ? await notice.innerText() : '';
    // With a checkpoint, inside a save, or with whatever is kept by then. Losses without a checkpoint in between would
    // end the run.
    const way = again ? 0 : this.below(3);
    const before = await this.keptStep();
    if (way < 2) await keep(this.app.page, false);
    if (way === 0) await this.untilKept(before);
    else await this.app.page.waitForTimeout(this.below(50));
    const kept = await this.keptStep();
    await this.parts.browser.crashGpu();
    const now = async (): Promise<string> => ((await notice.isVisible()) ? notice.innerText() : '');
    await expect.poll(async () => (await now()) !== said || this.hasEnded(), PATIENCE).toBe(true);
    const told = await now();
    if (told === said) return { ...stop, missed: true, ended: true };
    const from = Number(/from step ([\d,]+)/.exec(told)?.[1]?.replaceAll(',', '') ?? 0);
    return { ...stop, lost: from < kept };
  }

  private async losePage(stop: Stop): Promise<Stop> {
    const { browser, site, info } = this.parts;
    await keep(this.app.page, true);
    await this.untilKept();
    await this.app.page.waitForTimeout(this.below(LONGEST_MS));
    const acknowledged = await this.keptStep();
    let { page } = this.app;
    if (stop.kind === 'browser kill') {
      await browser.kill();
      page = await browser.start();
    } else if (stop.kind === 'page crash') page = await browser.crashPage(page);
    this.app = new App(page, site, info);
    // After a reload the app is there at once; else what is left is looked at before the app tidies up.
    if (stop.kind === 'reload') await page.reload();
    else await page.goto(`${site.url}../outside`);
    const { finished, unfinished } = await keptRuns(page);
    await this.app.open();
    if (finished.length > this.finished) {
      this.prepared = false;
      this.over = true;
      return { ...stop, ended: true };
    }
    const whole = unfinished !== null && unfinished.whole && unfinished.step >= acknowledged;
    const from = unfinished ? await resumeRun(this.app) : 0;
    return { ...stop, insideASave: unfinished?.insideASave ?? false, lost: !whole || from < acknowledged };
  }
}
