/** The data step: what was found, how it is read, its health, its rows. */
import { expect, type Locator, type Page } from '@playwright/test';
import { figure } from './figures';

export class DataPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until a data set is open and nothing is being read. */
  async opened(): Promise<void> {
    await expect(this.figure('Rows')).toBeVisible({ timeout: 60_000 });
    await expect(this.page.getByRole('button', { name: 'Cancel', exact: true })).toHaveCount(0);
  }

  figure(name: string): Locator {
    return figure(this.page, 'What was found', name);
  }

  /** The card of the open data set: format, encoding, delimiter in words. */
  get summary(): Locator {
    return this.page.getByRole('region').filter({ has: this.page.locator('dl[aria-label="What was found"]') });
  }

  /** The mapping in words. */
  get reading(): Locator {
    return this.page.getByRole('region', { name: 'How it is read' });
  }

  choice(label: string): Locator {
    return this.reading.getByRole('combobox', { name: label, exact: true });
  }

  get health(): Locator {
    return this.page.getByRole('region', { name: 'Health' });
  }

  get balance(): Locator {
    return this.page.getByRole('region', { name: 'Label balance' });
  }

  get rows(): Locator {
    return this.page.getByRole('region', { name: 'Rows', exact: true });
  }

  /** A row of the table by its number. */
  row(number: number): Locator {
    return this.rows
      .getByRole('row')
      .filter({ has: this.page.getByRole('button', { name: `Open row ${number}`, exact: true }) });
  }

  async show(which: 'All' | 'Left out' | 'Repeats'): Promise<void> {
    await this.rows.getByText(new RegExp(`^${which} [0-9,]+$`)).click();
  }

  get next(): Locator {
    return this.page.getByRole('button', { name: 'Next: choose a model' });
  }
}
