/** The default policy lets through what the app needs and refuses markup and foreign scripts. */
import { afterEach, expect, it, vi } from 'vitest';
import { guardSinks } from './trusted-types';

interface Rules {
  createHTML: (text: string) => string;
  createScriptURL: (address: string) => string;
}

afterEach(() => vi.unstubAllGlobals());

function rules(): Rules {
  const createPolicy = vi.fn<(name: string, made: Rules) => void>();
  vi.stubGlobal('trustedTypes', { createPolicy });
  vi.stubGlobal('location', { href: 'https://app.example/tab/tune/', origin: 'https://app.example' });
  guardSinks();
  const [[name, made]] = createPolicy.mock.calls as [[string, Rules]];
  expect(name).toBe('default');
  return made;
}

it('takes style sheets and refuses markup', () => {
  const { createHTML } = rules();
  expect(createHTML(':root{--a:1px}')).toBe(':root{--a:1px}');
  for (const markup of ['<img src=x onerror=alert(1)>', 'a<b', '</style><script>'])
    expect(() => createHTML(markup)).toThrow(TypeError);
});

it('takes scripts of its own address only', () => {
  const { createScriptURL } = rules();
  for (const own of ['./assets/worker.js', 'https://app.example/x.js', 'blob:https://app.example/1234'])
    expect(createScriptURL(own)).toBe(own);
  for (const foreign of [
    'https://evil.example/x.js',
    '//evil.example/x.js',
    'data:text/javascript,1',
    'blob:https://evil.example/1',
    'javascript:1',
  ])
    expect(() => createScriptURL(foreign)).toThrow(TypeError);
});

it('does nothing where there are no Trusted Types', () => {
  vi.stubGlobal('trustedTypes', undefined);
  expect(() => guardSinks()).not.toThrow();
});
