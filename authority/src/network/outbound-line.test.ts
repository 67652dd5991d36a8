import type { Stream } from '@libp2p/interface';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { OutboundLine } from './outbound-line.ts';

/** As much of a libp2p stream as a line uses. */
class FakeStream extends EventTarget {
  status = 'open';
  readonly sent: number[] = [];
  stuck = false;

  send(frame: Uint8Array): boolean {
    this.sent.push(frame[4] ?? 0);
    return !this.stuck;
  }

  onDrain(): Promise<void> {
    return new Promise(() => undefined);
  }

  abort(): void {
    this.status = 'aborted';
    this.dispatchEvent(new Event('close'));
  }
}

let clock: ManualClock;
let opened: FakeStream[];
let openedAt: number[];
let refuses: boolean;
let line: OutboundLine;

beforeEach(() => {
  clock = new ManualClock(0);
  [opened, openedAt, refuses] = [[], [], false];
  line = new OutboundLine({
    clock,
    maxQueuedBytes: 100,
    open: () => {
      openedAt.push(clock.elapsed());
      if (refuses) return Promise.reject(new Error('refused'));
      const stream = new FakeStream();
      opened.push(stream);
      return Promise.resolve(stream as unknown as Stream);
    },
  });
});
afterEach(() => line.stop());

const frame = (byte: number): Uint8Array => new Uint8Array([byte]);

it('sends in order over one stream', async () => {
  line.send(frame(1));
  line.start();
  await clock.advance(0);
  line.send(frame(2));
  line.send(frame(3));
  await clock.advance(0);
  expect(opened.map(({ sent }) => sent)).toEqual([[1, 2, 3]]);
});

it('opens a new stream when one breaks, though there is nothing to send', async () => {
  line.start();
  await clock.advance(2_000);
  opened[0]?.abort();
  await clock.advance(50);
  expect(opened).toHaveLength(2);
});

it('tries ever less often, up to a limit, until told that the peer was seen', async () => {
  refuses = true;
  line.start();
  await clock.advance(10_000);
  const pauses = openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0));
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  refuses = false;
  line.retryNow();
  await clock.advance(0);
  expect(opened).toHaveLength(1);
});

it('counts a stream that breaks at once as a failed try, and one that lasted as a good one', async () => {
  line.start();
  await clock.advance(2_000);
  opened[0]?.abort();
  await clock.advance(50);
  opened[1]?.abort();
  await clock.advance(99);
  expect(opened).toHaveLength(2);
  await clock.advance(1);
  expect(opened).toHaveLength(3);
});

it('gives a peer up that takes nothing any more', async () => {
  line.start();
  await clock.advance(0);
  const [first] = opened;
  if (first !== undefined) first.stuck = true;
  line.send(frame(1));
  await clock.advance(15_000);
  expect(first?.status).toBe('aborted');
  line.send(frame(2));
  await clock.advance(2_000);
  expect(opened[1]?.sent).toEqual([2]);
});

it('drops the oldest frames beyond its bounds', async () => {
  for (const byte of [1, 2, 3]) line.send(new Uint8Array(40).fill(byte));
  line.start();
  await clock.advance(0);
  expect(opened[0]?.sent).toEqual([2, 3]);
});

it('neither sends nor opens after it was stopped', async () => {
  line.start();
  await clock.advance(0);
  line.stop();
  line.send(frame(1));
  await clock.advance(60_000);
  expect(opened.map(({ sent, status }) => [sent, status])).toEqual([[[], 'aborted']]);
});
