/**
 * The whole way with a model that writes: questions and answers, a decoder from files, LoRA, the test, the talk with
 * corrections, and each file.
 */
import AxeBuilder from '@axe-core/playwright';
import { bytesSource } from '../src/base/bytes';
import { readGgufCheckpoint } from '../src/formats/gguf/checkpoint';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from './pages/app';
import { figure } from './pages/figures';
import { upload } from './support/data';
import { json, tensors, unzipped } from './support/downloads';
import { expect, test } from './support/test';

const MODEL = join(import.meta.dirname, 'fixtures', 'tiny-llama');
const rows = Array.from({ length: 30 }, (_, i) => ({
  prompt: `What is ${i}?`,
  completion: 'It is so.',
  split: i < 24 ? 'train' : i < 27 ? 'validation' : 'test',
}));
const file = upload('questions.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));

/** No axe violation and no sideways scrolling, wide and at 360 px, light and dark. */
async function looked(app: App, what: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await app.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page: app.page }).analyze();
    expect
      .soft(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`),
        `axe on ${what}, ${scheme}`,
      )
      .toEqual([]);
  }
  await app.page.setViewportSize({ width: 360, height: 900 });
  // The rows of the table are laid out anew once the page has its width.
  const overhang = () =>
    app.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect
    .configure({ soft: true })
    .poll(overhang, { message: `sideways scroll on ${what}, in CSS pixels` })
    .toBeLessThanOrEqual(0);
  await app.picture(`chat-${what}-360`);
  await app.page.setViewportSize({ width: 1280, height: 900 });
  await app.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await app.picture(`chat-${what}`);
}

test('a person teaches a model answers, talks with it, corrects it and takes it away', async ({ app }) => {
  test.setTimeout(300_000);
  const { page } = app;
  await app.open();
  await app.start.choose(file);
  await app.data.opened();
  await expect(app.data.reading).toContainText('prompt as the question and completion as the answer to learn');
  await expect(app.line('data')).toHaveText('30 rows of question and answer');

  await app.useModelFolder(MODEL);
  await expect(app.model.loaded('Chat template')).toHaveText(/its own/);

  await app.go('data');
  await expect(app.data.health).toContainText('tiny-llama sees');
  await page.getByRole('button', { name: 'Open row 1', exact: true }).click();
  await expect(page.getByRole('dialog').getByText(/tokens, of which 10 are learned/)).toBeVisible();
  await looked(app, 'row');
  await page.keyboard.press('Escape');
  await looked(app, 'data');

  await app.go('train');
  await expect(page.getByRole('radio', { name: 'Quick' })).toHaveCount(0);
  await expect(page.getByRole('radio', { name: 'Balanced' })).toBeChecked();
  await app.train.set('Learning rate', 0.02);
  await expect(page.getByRole('combobox', { name: 'Chat template' })).toHaveValue('own');
  await looked(app, 'settings');
  await app.train.start();
  await app.train.finished();
  await expect(page.getByRole('region', { name: 'What it writes now' })).toContainText('It is so. ✓');
  await looked(app, 'train');

  await app.go('evaluate');
  await app.evaluate.evaluated();
  expect(await app.evaluate.measure('Exact match')).toEqual([0, 100]);
  await expect(page.getByRole('table', { name: 'Answers to the test rows' }).getByText('learned')).toHaveCount(3);
  await looked(app, 'evaluate');

  await app.go('try');
  await page.getByRole('textbox', { name: 'Question', exact: true }).fill('What is 77?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Fine-tuned says' })).toHaveText('It is so.');
  await expect(page.getByRole('group', { name: 'The base model says' })).not.toHaveText('…', { timeout: 60_000 });
  await page.getByRole('button', { name: 'This is wrong …' }).click();
  await page.getByRole('textbox', { name: 'It should be' }).fill('It is not so.');
  await page.getByRole('button', { name: 'Note the correction' }).click();
  await looked(app, 'try');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download corrections.jsonl' }).click();
  expect(JSON.parse(readFileSync(await (await saved).path(), 'utf8'))).toEqual({
    prompt: [{ role: 'user', content: 'What is 77?' }],
    chosen: [{ role: 'assistant', content: 'It is not so.' }],
    rejected: [{ role: 'assistant', content: 'It is so.' }],
  });

  await app.go('export');
  const adapter = await unzipped(await app.export.download('The adapter alone', true));
  expect(json(adapter, 'adapter_config.json')).toMatchObject({ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 16 });
  expect([...tensors(adapter, 'adapter_model.safetensors').keys()][0]).toMatch(
    /^base_model\.model\.model\.layers\.0\./,
  );
  const gguf = readFileSync(await (await app.export.download('GGUF, 16 bits a weight', true)).path());
  expect((await readGgufCheckpoint(bytesSource('tiny.gguf', new Uint8Array(gguf)))).config).toMatchObject({
    model_type: 'llama',
    num_hidden_layers: 2,
  });
  await app.export.download('The same run in Python', false);
  await looked(app, 'export');

  // What was corrected is a data set of preferences at once, for the model that was taught.
  await app.go('try');
  await page.getByRole('button', { name: 'Teach them to this model' }).click();
  await app.data.opened();
  await expect(app.line('model')).toContainText('questions.jsonl · Balanced');
  await expect(page.getByRole('radio', { name: 'Preferences' })).toBeChecked();
});

test('preferences are learned on a packed base, with their rewards in view', async ({ app }) => {
  const { page } = app;
  const pairs = Array.from({ length: 30 }, (_, i) => ({
    prompt: `What is ${i}?`,
    chosen: 'It is so.',
    rejected: 'Who knows?',
  }));
  await app.open();
  await app.start.choose(upload('pairs.jsonl', pairs.map((pair) => JSON.stringify(pair)).join('\n')));
  await app.data.opened();
  // The same rows read as answers, and back, by keyboard.
  await page.getByRole('radio', { name: 'Preferences' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(app.data.reading).toContainText('prompt as the question and chosen as the answer to learn');
  await page.getByRole('radio', { name: 'Answers' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(app.data.reading).toContainText('chosen as the better answer and rejected as the worse answer');
  await app.useModelFolder(MODEL);
  await app.go('train');
  await app.train.set('Learning rate', 0.005);
  await page.getByRole('combobox', { name: 'Frozen weights are kept in' }).selectOption('q8');
  await page.getByRole('switch', { name: /^Compute layers twice/ }).press('Space');
  await app.train.button('Start training').press('Enter');
  await app.train.finished();
  for (const name of ['Rewards', 'rewards/accuracies', 'Reward accuracy on validation rows'])
    await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  await app.go('evaluate');
  await app.evaluate.evaluated();
  await expect(figure(page, 'Before and after', 'Pairs preferred rightly')).toContainText('100');
  await app.go('export');
  await app.export.download('The whole model, merged', true);
});

test('what does not fit is said, with the way out', async ({ app }) => {
  await app.open();
  await app.start.paste(
    ['text,label', ...Array.from({ length: 20 }, (_, i) => `It is ${i},${i % 2 ? 'odd' : 'even'}`)].join('\n'),
  );
  await app.data.opened();
  await app.useModelFolder(MODEL);
  await app.go('train');
  await expect(app.page.getByText('tiny-llama writes text, and the rows are read as texts with labels.')).toBeVisible();
  await app.page.getByRole('link', { name: 'Change how the data are read' }).click();
  await app.page.getByRole('radiogroup', { name: 'What it should learn' }).getByText('Answers').click();
  await expect(app.data.reading).toContainText('text as the question and label as the answer to learn');
  await app.go('train');
  await expect(app.train.button('Start training')).toBeEnabled();
});
