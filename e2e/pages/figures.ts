/** Named numbers, as the panels show them. */
import type { Locator, Page } from '@playwright/test';

/** The value with the given name in a list of figures. */
export function figure(page: Page, list: string, name: string | RegExp): Locator {
  return page
    .locator(`dl[aria-label="${list}"] > div`)
    .filter({ has: page.locator('dt', { hasText: name }) })
    .locator('dd');
}
