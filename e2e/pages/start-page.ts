/** The start page: the three ways to bring data. */
import type { Page } from '@playwright/test';

/** A file as Playwright's file choosers take it, or a path. */
export type Upload = { name: string; mimeType: string; buffer: Buffer } | string;

export class StartPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async choose(file: Upload): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Choose a file' }).click();
    await (await chooser).setFiles(file);
  }

  async paste(table: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Paste a table' }).click();
    await this.page.getByRole('textbox', { name: 'Table' }).fill(table);
    await this.page.getByRole('button', { name: 'Use this table' }).click();
  }

  async sample(name: RegExp): Promise<void> {
    await this.page.getByRole('region', { name: 'Or begin with a sample' }).getByRole('button', { name }).click();
  }

  /** Lets go of a file over the window, as a drag from the desktop does. */
  async drop(name: string, content: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ([fileName, text]) => {
        const held = new DataTransfer();
        held.items.add(new File([text!], fileName!));
        return held;
      },
      [name, content],
    );
    await this.page.locator('body').dispatchEvent('dragenter', { dataTransfer: transfer });
    await this.page.locator('body').dispatchEvent('drop', { dataTransfer: transfer });
  }
}
