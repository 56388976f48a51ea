/** What comes after a run: evaluation, trying it, exports, the list of runs. */
import { must } from '../../src/base/assert';
import { expect, type Download, type Locator, type Page } from '@playwright/test';

export class EvaluatePage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The test rows are tried as soon as a run has finished; waits for their figures. */
  async evaluated(): Promise<void> {
    await expect(this.comparison).toBeVisible({ timeout: 120_000 });
  }

  get comparison(): Locator {
    return this.page.getByRole('region', { name: 'Before and after' });
  }

  /** All figures of both models in words, and those of each label; bars are drawn later than they are said. */
  async figures(): Promise<string[]> {
    const said = await this.comparison.getByRole('listitem').allInnerTexts();
    return [...said, await this.classes.innerText()];
  }

  /** Percentages of one measure: the base, then the fine-tuned model. */
  async measure(name: string): Promise<[base: number, tuned: number]> {
    const row = this.comparison.getByRole('listitem').filter({ hasText: name });
    const shares = [...(await row.innerText()).matchAll(/([\d.]+)\s*%/g)].map((match) => Number(match[1]));
    if (shares.length !== 2) throw new Error(`"${name}" shows ${shares.length} percentages, not 2.`);
    return [must(shares[0]), must(shares[1])];
  }

  get classes(): Locator {
    return this.page.getByRole('table', { name: 'Figures for each label' });
  }

  get matrix(): Locator {
    return this.page.getByLabel('Confusion matrix');
  }
}

export class TryPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  field(name: 'Text' | 'First text' | 'Second text'): Locator {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  /** The answers, the most probable first. */
  get answers(): Locator {
    return this.page.getByRole('list', { name: 'Probabilities before and after' }).getByRole('listitem');
  }
}

export class ExportPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  card(title: string): Locator {
    return this.page.getByRole('region', { name: title, exact: true });
  }

  /** Builds a file, checks that its replay is stated when it holds weights, and downloads it. */
  async download(title: string, weights: boolean): Promise<Download> {
    const card = this.card(title);
    await card.getByRole('button', { name: `Build: ${title}` }).click();
    const link = card.getByRole('link', { name: /^Download/ });
    await expect(link).toBeVisible({ timeout: 120_000 });
    if (weights)
      await expect(card.getByRole('status')).toContainText(
        /Read back and tried on \d+ held-out rows?: the largest difference/,
      );
    const download = this.page.waitForEvent('download');
    await link.click();
    return download;
  }

  /** The largest logit difference that the card states. */
  async difference(title: string): Promise<number> {
    const words = await this.card(title).getByRole('status').innerText();
    const match = /scores and the model’s is (\S+?)\.?$/.exec(words.trim());
    if (!match) throw new Error(`No difference in "${words}".`);
    return Number(
      must(match[1])
        .replace('−', '-')
        .replace(/\s*×\s*10/, 'e'),
    );
  }
}
