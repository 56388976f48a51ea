/** Every step in light and dark, and at 360 px: no axe violation, no sideways scrolling, and a picture to look at. */
import AxeBuilder from '@axe-core/playwright';
import type { StepName } from '../src/store/routes';
import type { App } from './pages/app';
import { upload } from './support/data';
import { expect, test } from './support/test';

const STEPS: StepName[] = ['start', 'data', 'model', 'train', 'evaluate', 'try', 'export'];

async function withoutViolations(app: App, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
  expect.soft(found, `axe on ${what}`).toEqual([]);
}

async function withoutSidewaysScroll(app: App, what: string): Promise<void> {
  const overhang = await app.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(overhang, `sideways scroll on ${what}, in CSS pixels`).toBeLessThanOrEqual(0);
}

/** Looks at every step in both colour schemes, and narrow. */
async function lookAtAll(app: App, state: string, before: (step: StepName) => Promise<void>): Promise<void> {
  for (const step of STEPS) {
    await app.page.setViewportSize({ width: 1280, height: 900 });
    await app.go(step);
    await before(step);
    // Colours do not depend on the width: the narrow page is looked at in one scheme.
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 360],
    ] as const) {
      await app.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await app.page.setViewportSize({ width, height: 900 });
      const what = `${state}-${step}-${scheme}-${width}`;
      await withoutViolations(app, what);
      await withoutSidewaysScroll(app, what);
      await app.picture(what);
    }
  }
}

test('before anything is chosen', async ({ app }) => {
  test.setTimeout(240_000);
  await app.open();
  await lookAtAll(app, 'empty', async () => undefined);
});

test('after a run', async ({ app }) => {
  test.setTimeout(300_000);
  await app.readyToTrain();
  await app.train.choose('Quick');
  await app.train.start();
  await app.train.finished();
  await app.go('evaluate');
  await app.evaluate.evaluated();
  await lookAtAll(app, 'done', async (step) => {
    if (step === 'train') await app.train.openSettings();
    if (step === 'try') {
      await app.try.field('Text').fill('play some music');
      await expect(app.try.answers).toHaveCount(3);
    }
  });
});

test('dialogs, errors and the list of runs', async ({ app }) => {
  await app.open();
  await app.start.choose(upload('empty.csv', ''));
  await expect(app.error('bad-data')).toBeVisible();
  await withoutViolations(app, 'an error');
  await app.go('start');
  await app.page.getByRole('button', { name: 'Paste a table' }).click();
  await expect(app.page.getByRole('textbox', { name: 'Table' })).toBeVisible();
  await withoutViolations(app, 'the paste dialog');
  await app.page.keyboard.press('Escape');
  await app.page.getByRole('button', { name: 'Settings' }).click();
  await expect(app.page.getByRole('textbox', { name: 'Address of the model hub' })).toBeVisible();
  await withoutViolations(app, 'the settings');
  await app.picture('settings');
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('dialog')).toHaveCount(0);
  await app.page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(app.page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  // The pointer rests on a button with a tooltip, which stands outside the landmarks as tooltips do.
  await app.page.mouse.move(640, 800);
  await expect(app.page.getByRole('tooltip')).toHaveCount(0);
  await withoutViolations(app, 'the list of runs');
});
