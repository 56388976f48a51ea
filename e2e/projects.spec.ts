/**
 * Runs as wholes: renamed, duplicated, exported, everything deleted, and brought back from the file with the same
 * figures.
 */
import AxeBuilder from '@axe-core/playwright';
import { upload } from './support/data';
import { expect, test } from './support/test';

test('a run comes back from its project file with the same figures', async ({ app, page }) => {
  test.setTimeout(240_000);
  await app.readyToTrain();
  await app.train.choose('Thorough');
  await app.train.start();
  await app.train.finished();
  await app.go('evaluate');
  await app.evaluate.evaluated();
  const figures = await app.evaluate.figures();

  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const more = (name: string) => page.getByRole('button', { name: `More for ${name}`, exact: true });
  await more('topics.csv · Thorough').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename …' })).toBeVisible();
  // The pointer rests on a button with a tooltip, which stands outside the landmarks as tooltips do.
  await page.mouse.move(640, 800);
  await expect(page.getByRole('tooltip')).toHaveCount(0);
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await expect(page.getByRole('menuitem', { name: 'Rename …' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Name' }).fill('Topics, first try');
  await page.keyboard.press('Enter');
  await more('Topics, first try').click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(page.getByRole('article')).toHaveCount(2);
  await page.setViewportSize({ width: 360, height: 900 });
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  ).toBeLessThanOrEqual(0);
  await app.picture('runs-360');
  await page.setViewportSize({ width: 1280, height: 900 });
  await more('Topics, first try').click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Export as a project' }).click();
  const project = await downloading;
  expect(project.suggestedFilename()).toBe('Topics-first-try.tabtune.zip');

  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Delete everything …' }).click();
  await page.getByRole('button', { name: 'Delete everything', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await app.open();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByText('No runs yet.')).toBeVisible();

  const bringIn = async (file: string | ReturnType<typeof upload>): Promise<void> => {
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Import a project' }).click();
    await (await choosing).setFiles(file);
  };
  await bringIn(upload('half.zip', 'PK no zip at all'));
  await expect(app.error('bad-project')).toContainText('half.zip');
  await expect(page.getByRole('article')).toHaveCount(0);
  await bringIn(await project.path());
  await expect(app.error('bad-project')).toHaveCount(0);
  const card = page.getByRole('article', { name: 'Topics, first try' });
  await expect(card).toContainText('accuracy on test rows');
  await app.picture('runs-imported');
  await card.getByRole('button', { name: /^Open/ }).click();
  await app.evaluate.evaluated();
  expect(await app.evaluate.figures()).toEqual(figures);
});
