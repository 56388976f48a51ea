/** The whole way by keyboard alone: no click, no pointer. */
import { expect, type Locator, type Page } from '@playwright/test';
import { topicsCsv } from './support/data';
import { test } from './support/test';

/** Presses Tab until the element has the focus, as a person would; fails when it is never reached. */
async function tabTo(page: Page, target: Locator, most = 80): Promise<void> {
  await expect(target).toBeVisible({ timeout: 30_000 });
  for (let presses = 0; presses < most; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(target)} was not reached with ${most} presses of Tab.`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

test('from a pasted table to a downloaded file', async ({ app }) => {
  test.setTimeout(240_000);
  const { page } = app;
  await app.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await press(page, page.getByRole('button', { name: 'Paste a table' }));
  await tabTo(page, page.getByRole('textbox', { name: 'Table' }));
  await page.keyboard.insertText(topicsCsv(12));
  await press(page, page.getByRole('button', { name: 'Use this table' }));
  await app.data.opened();
  await press(page, app.data.next);

  await tabTo(page, page.getByRole('textbox', { name: 'Model id or address' }));
  await page.keyboard.type('tabtune/tiny-bert');
  await page.keyboard.press('Enter');
  await press(page, app.model.download);
  await app.model.ready();
  await press(page, page.getByRole('button', { name: 'Next: train' }));

  await tabTo(page, page.getByRole('radio', { name: 'Quick' }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Thorough' })).toBeChecked();
  await press(page, app.train.button('Start training'));
  await app.train.finished();
  await press(page, page.getByRole('button', { name: 'Next: see how good it is' }));

  await app.evaluate.evaluated();
  await press(page, app.evaluate.matrix.getByRole('button').first());
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await press(page, page.getByRole('button', { name: 'Next: try it yourself' }));

  await tabTo(page, app.try.field('Text'));
  await page.keyboard.type('play some music');
  await expect(app.try.answers).toHaveCount(3);
  await press(page, page.getByRole('button', { name: 'Next: take the model with you' }));

  await press(page, page.getByRole('button', { name: 'Build: Predictions' }));
  const link = app.export.card('Predictions').getByRole('link', { name: /^Download/ });
  const download = page.waitForEvent('download');
  await press(page, link);
  expect((await download).suggestedFilename()).toContain('predictions');
});
