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
    await this.page.getByRole('button', { name: 'Choose files' }).click();
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

  /** Drags a file from the desktop over the window and lets go of it. */
  async drop(...files: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
    await session.detach();
  }
}
