/** What the page may do: the content security policy of the built app, and the headers that isolate it. */

/** Where base models are downloaded from; the Hub redirects to its own storage hosts. */
const HUB = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'];

/**
 * `blob:` in script-src and worker-src is for the WebAssembly backend, which starts its threads from blobs;
 * inline styles come from the component library. TABTUNE_CONNECT adds origins (a mirror of the Hub) at build time.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "manifest-src 'self'",
  `connect-src 'self' blob: ` +
    [...HUB, ...(process.env['TABTUNE_CONNECT'] ?? '').split(' ').filter(Boolean)].join(' '),
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * What the page says about itself, on every host: the policy above and Trusted Types, whose one policy is that of
 * src/base/trusted-types.ts. They are no part of the headers, because a worker takes those for its own, and tfjs starts
 * WebAssembly threads by `importScripts` of plain text.
 */
export const PAGE_POLICY = `${CONTENT_SECURITY_POLICY}; require-trusted-types-for 'script'; trusted-types default`;

/** Cross-origin isolation lets WebAssembly use threads. */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Headers of our own server; a worker takes its policy from its own answer, not from the page's meta element. */
export const SECURITY_HEADERS = {
  ...ISOLATION_HEADERS,
  'Content-Security-Policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
