/** The count behind "what left this tab": a deliberate leak is seen, the app's own files are not. */
import { describe, expect, it, vi } from 'vitest';
import { countingFetch, gathered } from './traffic';

describe('countingFetch', () => {
  const counts = { sent: 0, received: 0 };
  const answer: typeof fetch = () => Promise.resolve(new Response('four', { headers: { ETag: '"x"' } }));
  const counted = countingFetch(answer, () => 'https://app.example', (sent, received) => {
    counts.sent += sent;
    counts.received += received;
  });

  it('counts nothing sent for the own host, and all that is received', async () => {
    const response = await counted('https://app.example/models/config.json');
    expect(await response.text()).toBe('four');
    expect(response.headers.get('ETag')).toBe('"x"');
    expect(counts).toEqual({ sent: 0, received: 4 });
  });

  it('counts address and body of a request to another host', async () => {
    await counted('https://elsewhere.example/?leak=secret', { method: 'POST', body: 'canary' });
    expect(counts.sent).toBe('https://elsewhere.example/?leak=secret'.length + 'canary'.length);
  });
});

describe('gathered', () => {
  it('tells sums, not single counts, and loses none', async () => {
    const tell = vi.fn();
    const listener = gathered(tell);
    for (let i = 0; i < 100; i++) listener(1, 10);
    await vi.waitFor(() => expect(tell).toHaveBeenCalledOnce());
    listener(1, 0);
    await vi.waitFor(() => expect(tell.mock.calls).toEqual([[100, 1000], [1, 0]]));
  });
});
