import { expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { eventStreamAnswer, StreamCounter } from './event-stream.ts';
import type { HttpRequest } from './exchange.ts';

const clock = createClock(globalThis);
const request = (signal: AbortSignal): HttpRequest => ({
  method: 'GET',
  path: '/events',
  query: '',
  headers: {},
  base: 'http://127.0.0.1',
  client: '203.0.113.1',
  signal,
  body: () => Promise.resolve(new Uint8Array(0)),
});
async function* values(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
}

it('counts a stream until its client goes away', () => {
  const counter = new StreamCounter();
  const client = new AbortController();
  eventStreamAnswer(request(client.signal), values(), { counter, clock });
  expect(counter.total).toBe(1);
  client.abort();
  expect(counter.total).toBe(0);
});

it('does not count a stream whose client has gone before the answer was there', () => {
  const counter = new StreamCounter();
  eventStreamAnswer(request(AbortSignal.abort()), values(), { counter, clock });
  expect(counter.total).toBe(0);
});
