/** The training step: method, settings, the run. */
import { expect, type Locator, type Page } from '@playwright/test';
import { figure } from './figures';

export type MethodName = 'Quick' | 'Balanced' | 'Thorough';

export class TrainPage {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async choose(method: MethodName): Promise<void> {
    await this.page.getByRole('radio', { name: method }).click();
  }

  get advanced(): Locator {
    return this.page.getByRole('button', { name: /^Advanced settings/ });
  }

  /** Estimates that come in above may move the button away from under the pointer. */
  async openSettings(): Promise<void> {
    await expect(async () => {
      if ((await this.advanced.getAttribute('aria-expanded')) !== 'true') await this.advanced.click();
      await expect(this.advanced).toHaveAttribute('aria-expanded', 'true', { timeout: 1000 });
    }).toPass();
  }

  /** Changes a number under Advanced. */
  async set(label: string, value: number): Promise<void> {
    await this.openSettings();
    const field = this.page.getByRole('textbox', { name: label, exact: true });
    await field.fill(String(value));
    await field.blur();
  }

  button(name: 'Start training' | 'Pause' | 'Resume' | 'Stop and keep' | 'Cancel, keep nothing'): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The sentence that says up to which step a run under way is kept. */
  get checkpoint(): Locator {
    return this.page.getByTestId('checkpoint');
  }

  /** Goes on with an unfinished run. */
  get resumeUnfinished(): Locator {
    return this.page.getByRole('button', { name: /^Resume at step/ });
  }

  /** A number before the start. */
  estimate(name: string): Locator {
    return figure(this.page, 'What the run will take', name);
  }

  figure(name: string): Locator {
    return figure(this.page, 'The run in numbers', name);
  }

  chart(title: string): Locator {
    return this.page.getByRole('figure', { name: title });
  }

  get watched(): Locator {
    return this.page.getByRole('table', { name: 'Watched rows' });
  }

  async start(): Promise<void> {
    await this.button('Start training').click();
  }

  async finished(timeout = 240_000): Promise<void> {
    // Not by `expect`, which reads the whole page each time it fails: the page's own work could not be told from that.
    await this.page.getByRole('region', { name: 'The run in numbers' }).waitFor({ timeout });
  }
}
