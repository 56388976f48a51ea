/** The model step: embedded, from the Hub, or files of one's own. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Upload } from './start-page';
import { figure } from './figures';

export class ModelPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async useEmbedded(name = /MiniLM/): Promise<void> {
    await this.page.getByRole('region', { name: 'Comes with the app' }).getByRole('button', { name }).click();
  }

  async lookUp(id: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Model id or address' }).fill(id);
    await this.page.getByRole('button', { name: 'Look up' }).click();
  }

  /** A number of the model that was looked up. */
  described(name: string): Locator {
    return figure(this.page, 'The model', name);
  }

  loaded(name: string): Locator {
    return figure(this.page, 'The loaded model', name);
  }

  get download(): Locator {
    return this.page.getByRole('button', { name: /^(Download|Use it|Use this model)/ }).first();
  }

  get cancel(): Locator {
    return this.page.getByRole('button', { name: 'Cancel', exact: true });
  }

  get goOn(): Locator {
    return this.page.getByRole('button', { name: 'Go on where it stopped' });
  }

  /** Picks a zip, or the files of a folder. */
  async chooseFiles(files: Exclude<Upload, string>[]): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose a zip or files' }).click();
    await (await chooser).setFiles(files);
  }

  async chooseFolder(path: string): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose a folder' }).click();
    await (await chooser).setFiles(path);
  }

  async ready(): Promise<void> {
    await expect(this.loaded('Parameters')).toBeVisible({ timeout: 90_000 });
  }
}
