/** "Show me": two clicks to a real result with MiniLM, explained on the way. */
import { expect, test } from './support/test';

test('takes a sample through to an answer of the fine-tuned model', async ({ app }) => {
  test.setTimeout(240_000);
  await app.open();
  await app.page.getByRole('button', { name: 'Show me' }).click();
  const narration = app.page.getByRole('complementary', { name: 'Show me' });
  await expect(narration).toContainText('1 of 5');
  await expect(narration).toContainText('4 of 5', { timeout: 150_000 });
  await app.evaluate.evaluated();
  await expect(narration).toContainText('5 of 5', { timeout: 60_000 });
  await app.go('evaluate');
  const [base, tuned] = await app.evaluate.measure('Accuracy');
  expect(tuned).toBeGreaterThan(base);
  await narration.getByRole('button', { name: 'Close the narration' }).click();
  await expect(narration).toHaveCount(0);
  await app.go('try');
  await app.try.field('Text').fill('My parcel has not arrived.');
  await expect(app.try.answers.first()).toContainText(/After/);
});
