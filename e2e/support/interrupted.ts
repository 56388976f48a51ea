/** A small run that is interrupted and resumed, and what must be equal at its end. */
import { expect } from '@playwright/test';
import type { App } from '../pages/app';

/** Opens data and model and chooses the settings of a run of two steps a pass that validates amid its passes. */
export async function prepareRun(app: App, epochs: number): Promise<void> {
  await app.readyToTrain();
  await app.train.choose('Thorough');
  await app.train.set('Epochs', epochs);
  await app.train.set('Gradient accumulation', 2);
}

/** The step that the page says is safe; null before the first checkpoint. */
export async function keptStep(app: App): Promise<number | null> {
  const text = (await app.train.checkpoint.textContent()) ?? '';
  const found = /Kept up to step ([\d,]+)/.exec(text)?.[1];
  return found === undefined ? null : Number(found.replaceAll(',', ''));
}

/** Goes on with the one unfinished run; the step that the page says it goes on from. */
export async function resumeRun(app: App): Promise<number> {
  await app.go('train');
  const button = app.train.resumeUnfinished;
  await expect(button).toBeEnabled({ timeout: 60_000 });
  const step = Number((/step ([\d,]+)$/.exec(await button.innerText())?.[1] ?? '').replaceAll(',', ''));
  await button.click();
  return step;
}
