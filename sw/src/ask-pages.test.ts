import { describe, expect, it } from 'vitest';
import { ManualClock, realClock } from '@assay/core/clock.fixture.ts';
import type { FetchAnswer } from '@assay/core/registry/page-messages.ts';
import { fetchThroughPage, type Page } from './ask-pages.ts';

const order = { purl: 'pkg:npm/a@1.0.0', artifact: 'a-1.0.0.tgz' };

interface FakePage extends Page {
  readonly orders: unknown[];
  readonly heard: unknown[];
}

/** A page that answers an order with these words. */
function page(id: string, answers: readonly FetchAnswer[], visible = true): FakePage {
  const orders: unknown[] = [];
  const heard: unknown[] = [];
  return {
    id,
    orders,
    heard,
    visibilityState: visible ? 'visible' : 'hidden',
    postMessage(message, [port]) {
      orders.push(message);
      if (!(port instanceof MessagePort)) throw new TypeError('a port was expected');
      port.addEventListener('message', ({ data }) => {
        heard.push(data);
        port.close();
      });
      port.start();
      for (const answer of answers) port.postMessage(answer, []);
    },
  };
}

const among = (pages: readonly Page[], gone: readonly string[] = []) => ({
  matchAll: async () => pages,
  get: async (id: string) => (gone.includes(id) ? undefined : pages.find((one) => one.id === id)),
});

/** Lets time pass until the outcome is there; says after how many seconds it was. */
async function afterSeconds<T>(clock: ManualClock, outcome: Promise<T>): Promise<[T, number]> {
  const began = clock.elapsed();
  const end = { reached: false };
  void outcome.finally(() => (end.reached = true)).catch(() => undefined);
  while (!end.reached) await clock.advance(500);
  return [await outcome, Math.round((clock.elapsed() - began) / 1000)];
}

describe('fetchThroughPage', () => {
  it('waits for the page that has begun until it says that it is done', async () => {
    const one = page('one', ['accepted', 'progress', 'progress', 'ended']);
    expect(await fetchThroughPage(order, { pages: among([one]), clock: realClock })).toBe(true);
    expect(one.orders).toEqual([{ type: 'assay-fetch', ...order }]);
  });

  it('asks visible pages first, and the next one when a page declines', async () => {
    const hidden = page('hidden', ['accepted', 'ended'], false);
    const visible = page('visible', ['declined']);
    const ports = { pages: among([hidden, visible]), clock: realClock };
    expect(await fetchThroughPage(order, ports)).toBe(true);
    expect([visible.orders.length, hidden.orders.length]).toEqual([1, 1]);
  });

  it('has nobody to ask without pages', async () => {
    expect(await fetchThroughPage(order, { pages: among([]), clock: realClock })).toBe(false);
  });

  it('gives three pages three seconds each to begin', async () => {
    const clock = new ManualClock();
    const silent = ['a', 'b', 'c', 'd'].map((id) => page(id, []));
    const outcome = fetchThroughPage(order, { pages: among(silent), clock });
    expect(await afterSeconds(clock, outcome)).toEqual([false, 9]);
    expect(silent.map(({ orders }) => orders.length)).toEqual([1, 1, 1, 0]);
  });

  it('leaves a page that was closed in the middle of it', async () => {
    const clock = new ManualClock();
    const outcome = fetchThroughPage(order, { pages: among([page('a', ['accepted'])], ['a']), clock });
    const [done, seconds] = await afterSeconds(clock, outcome);
    expect(done).toBe(false);
    expect(seconds).toBeLessThan(5);
  });

  it('leaves a page that does not get on, and tells it to stop', async () => {
    const clock = new ManualClock();
    const stuck = page('a', ['accepted', 'progress']);
    const outcome = fetchThroughPage(order, { pages: among([stuck]), clock });
    const [done, seconds] = await afterSeconds(clock, outcome);
    expect(done).toBe(false);
    expect(seconds).toBeGreaterThanOrEqual(15);
    await expect.poll(() => stuck.heard).toEqual(['cancel']);
  });

  it('stops when nobody waits any more', async () => {
    const one = page('one', ['accepted']);
    const stop = new AbortController();
    const outcome = fetchThroughPage(order, { pages: among([one]), clock: realClock }, stop.signal);
    setTimeout(() => stop.abort(), 20);
    await expect(outcome).rejects.toMatchObject({ code: 'E_ABORTED' });
    await expect.poll(() => one.heard).toEqual(['cancel']);
  });
});
