/** A small run that is interrupted and resumed, and what must be equal at its end. */
import { expect } from '@playwright/test';
import type { App } from '../pages/app';

/** Opens data and model and chooses the settings of a run of 240 or more steps that validates amid its passes. */
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

/** The step that the page says is safe; null before there is one, and 'ended' when the run is over. */
export async function progress(app: App): Promise<number | 'ended' | null> {
  if (await app.page.getByRole('region', { name: 'The run in numbers' }).isVisible()) return 'ended';
  // The sentence may go while it is being read: the run has ended then.
  return (await app.train.checkpoint.isVisible()) ? keptStep(app).catch(() => 'ended' as const) : null;
}

/** SHA-256 of the weights of every finished run in the browser's storage. */
export function weightHashes(app: App): Promise<string[]> {
  return app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('tabtune')).getDirectoryHandle('runs');
    const hashes: string[] = [];
    for await (const entry of folder.values()) {
      if (entry.kind !== 'file') continue;
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await (await (entry).getFile()).arrayBuffer()));
      hashes.push(Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    }
    return hashes;
  });
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
