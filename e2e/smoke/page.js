/**
 * Runs in the page of any browser: goes the whole way with a sample and the embedded model by clicking, and tells the
 * server that brought it (run.mjs) how far it is and what came of it. It drives the page alone, so that a browser needs
 * no more than an address.
 */

/** @param {Record<string, unknown>} message */
const tell = (message) => fetch('smoke-says', { method: 'POST', body: JSON.stringify(message) });

/** @type {string[]} */
const errors = [];
addEventListener('error', ({ message }) => errors.push(message));
addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason)));

/** @param {Element} element what it is called */
const nameOf = (element) => {
  const label = document.getElementById(element.getAttribute('aria-labelledby') ?? '');
  return (element.getAttribute('aria-label') ?? label?.textContent ?? element.textContent).trim();
};

/** @param {string} selector @param {RegExp} name */
const named = (selector, name) =>
  [...document.querySelectorAll(selector)].find((element) => name.test(nameOf(element)));

/**
 * Waits for something, at most some minutes.
 * @template T
 * @param {string} what
 * @param {() => T | null | undefined | false} find
 * @returns {Promise<T>}
 */
async function when(what, find) {
  await tell({ step: what });
  for (const deadline = performance.now() + 300_000; performance.now() < deadline;) {
    const found = find();
    if (found) return found;
    const alert = document.querySelector('[role="alert"][data-error]');
    if (alert) throw new Error(`While waiting for ${what}: ${alert.textContent}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** @param {string} selector @param {RegExp} name */
async function click(selector, name) {
  const ready = () => {
    const found = named(selector, name);
    return found instanceof HTMLElement && !found.matches(':disabled, [data-disabled]') ? found : null;
  };
  (await when(`${selector} ${name}`, ready)).click();
}

/** @param {string} step */
const go = (step) => click('nav[aria-label="Steps"] a', new RegExp(`^${step}`));

async function opened() {
  const device = await when('the device', () => {
    const text = document.querySelector('[data-testid="device"]')?.textContent ?? 'Measuring';
    return /Measuring|No device/.test(text) ? null : text;
  });
  await click('button', /Support requests/);
  await when('the rows', () => document.querySelector('dl[aria-label="What was found"]'));
  await go('Model');
  const loaded = () => document.querySelector('dl[aria-label="The loaded model"]');
  // A second visit may have it open already.
  await when('the choice of models', () => loaded() ?? named('button', /MiniLM/));
  if (!loaded()) await click('button', /MiniLM/);
  await when('the model', loaded);
  return device;
}

async function firstVisit() {
  const device = await opened();
  await go('Train');
  await click('button', /^Start training$/);
  await when('the end of the run', () => named('section, [role="region"]', /^The run in numbers/));
  await go('Evaluate');
  const comparison = await when('the test rows', () => named('section, [role="region"]', /^Before and after/));
  const accuracy = await when('the accuracy', () => {
    const row = [...comparison.querySelectorAll('li')].find(({ textContent }) => textContent.includes('Accuracy'));
    const shares = [...(row?.textContent.matchAll(/([\d.]+)\s*%/g) ?? [])].map((match) => Number(match[1]));
    return shares.length === 2 ? shares : null;
  });
  return { device, accuracy, isolated: crossOriginIsolated };
}

const FOUND = 'smoke: found on the first visit';

/** The whole way; then the page is loaded anew, from what has been kept, and opens the same data and model. */
async function bothVisits() {
  const before = sessionStorage.getItem(FOUND);
  if (before !== null) {
    await opened();
    return { ...JSON.parse(before), kept: navigator.serviceWorker.controller !== null };
  }
  sessionStorage.setItem(FOUND, JSON.stringify(await firstVisit()));
  await tell({ step: 'the second visit' });
  await navigator.serviceWorker.ready;
  location.assign('./');
  return null;
}

bothVisits().then(
  (result) => result && tell({ result, errors }),
  (/** @type {unknown} */ thrown) =>
    tell({ failure: thrown instanceof Error ? thrown.message : String(thrown), errors }),
);
