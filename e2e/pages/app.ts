/** The page as a whole: header, steps, pictures; the way to the page objects of the single steps. */
import { join } from 'node:path';
import { expect, type Locator, type Page, type TestInfo } from '@playwright/test';
import type { StepName } from '../../src/store/routes';
import { topicsCsv, upload } from '../support/data';
import type { Site } from '../support/site';
import { DataPage } from './data-page';
import { ModelPage } from './model-page';
import { EvaluatePage, ExportPage, TryPage } from './result-pages';
import { StartPage } from './start-page';
import { TrainPage } from './train-page';

const ARTIFACTS = join(import.meta.dirname, '..', 'artifacts');
const STEP_NAMES: Record<StepName, string> = {
  start: 'Start',
  data: 'Data',
  model: 'Model',
  train: 'Train',
  evaluate: 'Evaluate',
  try: 'Try it',
  export: 'Export',
};

export class App {
  readonly page: Page;
  readonly site: Site;
  readonly start: StartPage;
  readonly data: DataPage;
  readonly model: ModelPage;
  readonly train: TrainPage;
  readonly evaluate: EvaluatePage;
  readonly try: TryPage;
  readonly export: ExportPage;
  private readonly info: TestInfo;

  constructor(page: Page, site: Site, info: TestInfo) {
    this.page = page;
    this.site = site;
    this.info = info;
    this.start = new StartPage(page);
    this.data = new DataPage(page);
    this.model = new ModelPage(page);
    this.train = new TrainPage(page);
    this.evaluate = new EvaluatePage(page);
    this.try = new TryPage(page);
    this.export = new ExportPage(page);
  }

  get device(): Locator {
    return this.page.getByTestId('device');
  }

  /** Opens the start page and waits until the worker has measured the device. */
  async open(): Promise<void> {
    await this.page.goto(this.site.url);
    await expect(this.device).not.toHaveText(/Measuring|No device/, { timeout: 60_000 });
  }

  async go(step: StepName): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Steps' })
      .getByRole('link', { name: new RegExp(`^${STEP_NAMES[step]} `) })
      .click();
    // A step's code is fetched when it is first opened: its heading says that it is there.
    await expect(
      this.page.getByRole('main', { name: STEP_NAMES[step] }).getByRole('heading', { level: 1 }),
    ).toBeVisible();
  }

  /** What a step says about itself in the list of steps. */
  line(step: StepName): Locator {
    return this.page.getByTestId(`step-line-${step}`);
  }

  /** The error in view; `code` is one of the stable names of base/errors.ts. */
  error(code: string): Locator {
    return this.page.locator(`[role="alert"][data-error="${code}"]`);
  }

  /** Keeps a picture of the whole page under e2e/artifacts/; charts are drawn when they come into view. */
  async picture(name: string): Promise<void> {
    for (const chart of await this.page.getByRole('figure').all()) {
      await chart.scrollIntoViewIfNeeded();
      await expect(chart.getByRole('application')).toBeVisible();
    }
    await this.page.evaluate(() => scrollTo(0, 0));
    const path = join(ARTIFACTS, `${name}.png`);
    await this.page.screenshot({ path, fullPage: true });
    await this.info.attach(name, { path, contentType: 'image/png' });
  }

  /**
   * From opened data of three labels to the downloaded model: the tiny model, a run of all weights, the test rows, one
   * tried text.
   */
  async wholeWay(text: string): Promise<void> {
    await this.useTinyModel();
    await this.go('train');
    await this.train.choose('Thorough');
    await this.train.start();
    await this.train.finished();
    await this.go('evaluate');
    await this.evaluate.evaluated();
    await this.go('try');
    await this.try.field('Text').fill(text);
    await expect(this.try.answers).toHaveCount(3);
    await this.go('export');
    await this.export.download('The whole model', true);
  }

  /** A start page, three labels with 20 rows each, the tiny model, and the training step in view. */
  async readyToTrain(name = 'topics.csv'): Promise<void> {
    await this.open();
    await this.start.choose(upload(name, topicsCsv(20)));
    await this.data.opened();
    await this.useTinyModel();
    await this.go('train');
  }

  /** Opens a model from a folder on the disk. */
  async useModelFolder(path: string): Promise<void> {
    await this.go('model');
    await this.model.chooseFolder(path);
    await this.model.download.click();
    await this.model.ready();
  }

  /** Opens the tiny model of the tests from the stand-in for the Hub. */
  async useTinyModel(): Promise<void> {
    await this.go('model');
    await this.model.lookUp('tabtune/tiny-bert');
    await this.model.download.click();
    await this.model.ready();
  }
}
