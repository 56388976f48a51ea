/** The page policy: what it allows, and that nothing the app does breaks it, from the first view to the export. */
import { must } from '../src/base/assert';
import { CONTENT_SECURITY_POLICY, PAGE_POLICY } from '../scripts/lib/page-policy.mjs';
import { topicsCsv, upload } from './support/data';
import { expect, test } from './support/test';

const directives = new Map(PAGE_POLICY.split('; ').map((one) => [must(one.split(' ')[0]), one.split(' ').slice(1)]));

test('the policy allows no script but the app’s own, and no evaluation but of WebAssembly', () => {
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('script-src')?.filter((source) => source.includes('unsafe'))).toEqual(["'wasm-unsafe-eval'"]);
  expect(directives.get('require-trusted-types-for')).toEqual(["'script'"]);
  expect(
    directives
      .get('connect-src')
      ?.filter((source) => !/^('self'|blob:|https:\/\/(\*\.)?(huggingface\.co|hf\.co))$/.test(source)),
  ).toEqual([]);
});

test('the built page and every answer carry it', async ({ app, request }) => {
  const answer = await request.get(app.site.url);
  expect(answer.headers()['content-security-policy']).toContain(CONTENT_SECURITY_POLICY);
  expect(await answer.text()).toContain(`content="${PAGE_POLICY.replaceAll("'", '&#39;')}"`);
  expect((await request.get(`${app.site.url}LICENSE.txt`)).headers()['cross-origin-embedder-policy']).toBe(
    'require-corp',
  );
});

test('no violation on the whole way; the same watch sees one that is made on purpose', async ({
  app,
  context,
  complaints,
}) => {
  test.setTimeout(240_000);
  const seen: string[] = [];
  await context.exposeFunction('tellViolation', (text: string) => seen.push(text));
  await context.addInitScript(() => {
    const told = (globalThis as unknown as { tellViolation: (text: string) => void }).tellViolation;
    document.addEventListener('securitypolicyviolation', (event) =>
      told(`${event.effectiveDirective}: ${event.blockedURI}`),
    );
  });
  await app.open();
  await app.start.choose(upload('topics.csv', topicsCsv(12)));
  await app.data.opened();
  await app.wholeWay('play some music');
  expect(seen).toEqual([]);
  // Violations inside the worker are seen on the console, which every test watches.
  expect(complaints.unexpected).toEqual([]);

  complaints.expect(/Content Security Policy|Trusted|Markup/);
  const refused = await app.page.evaluate(() => {
    const tries = [
      () => new Image().setAttribute('src', 'https://evil.example/pixel'),
      () => Object.assign(document.createElement('script'), { textContent: 'document.title = "taken over"' }),
      () => document.body.insertAdjacentHTML('beforeend', '<b>markup</b>'),
    ];
    return tries.map((attempt) => {
      try {
        attempt();
        return 'ran';
      } catch {
        return 'threw';
      }
    });
  });
  expect(refused).toEqual(['ran', 'threw', 'threw']);
  await expect.poll(() => seen.map((line) => line.split(':')[0])).toContain('img-src');
});
