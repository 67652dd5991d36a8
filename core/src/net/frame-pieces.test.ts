import type { MessageStream } from '@libp2p/interface';
import { expect, it } from 'vitest';
import { FrameReader } from './frames.ts';

/** A stream that gives what it is told to, in pieces. */
class FakeStream extends EventTarget {
  readonly readableEnded = false;
  readonly status = 'open';
  aborted: Error | undefined;

  abort(error: Error): void {
    this.aborted = error;
  }

  give(data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

it.each([
  ['tiny', 1, 300_000],
  ['ordinary', 16 * 1024, 1_200],
])('counts what %s pieces cost in memory', (_size, bytes, most) => {
  const stream = new FakeStream();
  const limits = { maxFrameBytes: 16 * 1024 * 1024, maxBufferedBytes: 16 * 1024 * 1024 };
  const reader = new FrameReader(stream as unknown as MessageStream, limits);
  const next = reader.next();
  next.catch(() => undefined);
  stream.give(Uint8Array.of(1, 0, 0, 0));
  let given = 0;
  while (stream.aborted === undefined && given < 1_000_000) {
    stream.give(new Uint8Array(bytes));
    given++;
  }
  expect(stream.aborted).toMatchObject({ code: 'E_FRAME_FLOOD' });
  expect(given).toBeGreaterThan(1000);
  expect(given).toBeLessThan(most);
});
