/** The count behind "what left this tab": a deliberate leak is seen, the app's own files are not. */
import { describe, expect, it, vi } from 'vitest';
import { countSeen, countingFetch, gathered } from './traffic';

describe('countingFetch', () => {
  const counts = { sent: 0, received: 0 };
  const answer: typeof fetch = () => Promise.resolve(new Response('four', { headers: { ETag: '"x"' } }));
  const counted = countingFetch(
    answer,
    () => 'https://app.example',
    (sent, received) => {
      counts.sent += sent;
      counts.received += received;
    },
  );

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

  it.each<[string, () => Promise<Response>, number]>([
    ['bytes', () => counted('https://b.example/', { method: 'POST', body: new Uint8Array(5) }), 5],
    ['a blob', () => counted('https://b.example/', { method: 'POST', body: new Blob(['1234567']) }), 7],
    [
      'form fields',
      () => counted('https://b.example/', { method: 'POST', body: new URLSearchParams({ a: 'b c' }) }),
      5,
    ],
    [
      'a request that carries its body',
      () => counted(new Request('https://b.example/', { method: 'POST', body: 'four' })),
      4,
    ],
  ])('counts %s', async (_, send, bytes) => {
    const before = counts.sent;
    await send();
    expect(counts.sent - before).toBe('https://b.example/'.length + bytes);
  });

  it('does not send what it cannot count', async () => {
    const before = counts.sent;
    await expect(counted('https://b.example/', { method: 'POST', body: new ReadableStream() })).rejects.toThrow(
      'not sent',
    );
    expect(counts.sent).toBe(before);
  });
});

describe('countSeen', () => {
  it('counts addresses of other origins that no fetch asked for', () => {
    const seen = [
      { name: 'https://evil.example/pixel.gif?canary', initiatorType: 'img' },
      { name: 'https://evil.example/beacon', initiatorType: 'beacon' },
      { name: 'https://counted.example/already', initiatorType: 'fetch' },
      { name: 'https://app.example/assets/a.js', initiatorType: 'script' },
      { name: 'blob:https://app.example/1', initiatorType: 'other' },
    ];
    let sent = 0;
    countSeen(seen, 'https://app.example', (bytes) => (sent += bytes));
    expect(sent).toBe('https://evil.example/pixel.gif?canary'.length + 'https://evil.example/beacon'.length);
  });
});

describe('gathered', () => {
  it('tells sums, not single counts, and loses none', async () => {
    const tell = vi.fn();
    const listener = gathered(tell);
    for (let i = 0; i < 100; i++) listener(1, 10);
    await vi.waitFor(() => expect(tell).toHaveBeenCalledOnce());
    listener(1, 0);
    await vi.waitFor(() =>
      expect(tell.mock.calls).toEqual([
        [100, 1000],
        [1, 0],
      ]),
    );
  });
});
