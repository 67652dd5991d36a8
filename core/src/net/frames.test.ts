import type { Stream } from '@libp2p/interface';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { concatBytes, u32be } from '../encoding/bytes.ts';
import { decodeCbor, type CborMap } from '../encoding/cbor.ts';
import { unwrap } from '../errors/result.ts';
import { FrameClient } from './frame-client.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { createLibp2pPair, type Libp2pPair } from './libp2p-pair.fixture.ts';
import { serveFrames } from './serve-frames.ts';

const PROTOCOL = '/assay/test/1';
const LIMITS = { maxFrameBytes: 1000, maxBufferedBytes: 4000 };

let pair: Libp2pPair;
let serve: (stream: Stream) => void;

beforeAll(async () => {
  pair = await createLibp2pPair();
  await pair.handle(PROTOCOL, (stream) => serve(stream));
});
afterAll(() => pair.stop());

const open = (): Promise<Stream> => pair.opener(PROTOCOL)(AbortSignal.timeout(5000));
const client = (timeoutMs = 2000): FrameClient =>
  new FrameClient({ open, clock: realClock, timeoutMs, ...LIMITS });

/** Answers {n} with n frames {i}. */
async function* countTo(frame: Uint8Array): AsyncGenerator<CborMap> {
  const { n } = unwrap(decodeCbor(frame)) as { n: number };
  for (let i = 0; i < n; i++) yield { i };
}

function serveCounting(): void {
  serve = (stream) => void serveFrames(stream, countTo, { clock: realClock });
}

/** What a reader on the server makes of bytes sent by a client that then ends its side. */
async function readSent(pieces: readonly Uint8Array[]): Promise<{ frames: number[]; error?: unknown }> {
  const outcome = Promise.withResolvers<{ frames: number[]; error?: unknown }>();
  serve = (stream) => {
    const reader = new FrameReader(stream, LIMITS);
    const frames: number[] = [];
    const loop = async (): Promise<void> => {
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
        frames.push(frame.length);
      }
    };
    loop().then(
      () => outcome.resolve({ frames }),
      (error: unknown) => outcome.resolve({ frames, error }),
    );
  };
  const stream = await open();
  try {
    for (const piece of pieces) {
      stream.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await stream.close();
  } catch {
    // The reader has aborted the stream, which is what some of the tests want.
  }
  return await outcome.promise;
}

describe('FrameReader', () => {
  it('reads frames that arrive one byte at a time and several at once', async () => {
    const frame = encodeFrame({ hello: 'world' });
    const bytes = concatBytes(frame, frame, frame);
    const single = [...frame].map((byte) => Uint8Array.of(byte));
    const { frames, error } = await readSent([...single, bytes]);
    expect(error).toBeUndefined();
    expect(frames).toEqual(Array.from({ length: 4 }, () => frame.length - 4));
  });

  it.each([
    ['an empty frame', u32be(0), 'E_FRAME_EMPTY'],
    ['one byte and the end', Uint8Array.of(1), 'E_FRAME_TRUNCATED'],
    ['a frame that ends early', concatBytes(u32be(100), new Uint8Array(99)), 'E_FRAME_TRUNCATED'],
    ['a length over the limit', u32be(1001), 'E_FRAME_TOO_LARGE'],
    ['a length of four gigabytes', u32be(0xffff_ffff), 'E_FRAME_TOO_LARGE'],
  ])('refuses %s', async (_name, bytes, code) => {
    const { error } = await readSent([bytes]);
    expect(error).toMatchObject({ code });
  });

  it('ends cleanly when nothing was sent', async () => {
    expect(await readSent([])).toEqual({ frames: [] });
  });

  it('aborts a flood that nobody reads', async () => {
    const aborted = Promise.withResolvers<unknown>();
    serve = (stream) => {
      const reader = new FrameReader(stream, LIMITS);
      stream.addEventListener('close', (event) => aborted.resolve(event.error));
      void reader;
    };
    const stream = await open();
    stream.send(new Uint8Array(8000));
    expect(await aborted.promise).toMatchObject({ code: 'E_FRAME_FLOOD' });
  });
});

describe('FrameClient and serveFrames', () => {
  it('gets as many answers as it asks for, again and again on one stream', async () => {
    let streams = 0;
    serve = (stream) => {
      streams++;
      void serveFrames(stream, countTo, { clock: realClock });
    };
    const asking = client();
    for (let round = 0; round < 3; round++) {
      const answers = await collect(asking.answers({ n: 5 }, 5));
      expect(answers.map((answer) => unwrap(decodeCbor(answer)))).toEqual(
        [0, 1, 2, 3, 4].map((i) => expect.objectContaining({ i })),
      );
    }
    expect(streams).toBe(1);
    asking.close();
  });

  it('runs requests side by side', async () => {
    serveCounting();
    const asking = client();
    const all = await Promise.all([1, 2, 3].map(() => asking.ask({ n: 1 })));
    expect(all).toHaveLength(3);
  });

  it('opens a new stream when the server has closed the idle one', async () => {
    const streams: Stream[] = [];
    serve = (stream) => {
      streams.push(stream);
      void serveFrames(stream, countTo, { clock: realClock });
    };
    const asking = client();
    await asking.ask({ n: 1 });
    streams[0]?.abort(new Error('idle'));
    await asking.ask({ n: 1 });
    expect(streams).toHaveLength(2);
  });

  it('tells a missing answer, a silent server and a caller who stops apart', async () => {
    serveCounting();
    await expect(collect(client(300).answers({ n: 1 }, 2))).rejects.toMatchObject({
      code: 'E_TIMEOUT',
    });
    serve = (stream) => void stream.close();
    await expect(client().ask({ n: 1 })).rejects.toMatchObject({ code: 'E_STREAM_CLOSED' });
    serve = () => undefined;
    await expect(client().ask({ n: 1 }, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'E_ABORTED',
    });
    await expect(client().ask({ n: 1 }, AbortSignal.abort())).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  it('says that a peer cannot be reached', async () => {
    const failing = new FrameClient({
      open: () => Promise.reject(new Error('no route')),
      clock: realClock,
      timeoutMs: 1000,
      ...LIMITS,
    });
    await expect(failing.ask({})).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
  });

  it('aborts streams that send garbage, stay silent or stop reading, and serves the next', async () => {
    serve = (stream) => void serveFrames(stream, countTo, { clock: realClock, idleMs: 100 });
    const closed = (stream: Stream): Promise<unknown> =>
      new Promise((resolve) => stream.addEventListener('close', (event) => resolve(event.error)));
    const garbage = await open();
    const garbageClosed = closed(garbage);
    garbage.send(concatBytes(u32be(3), Uint8Array.of(0xff, 0xff, 0xff)));
    const silent = await open();
    const silentClosed = closed(silent);
    silent.send(Uint8Array.of(0));
    expect(await garbageClosed).toBeInstanceOf(Error);
    expect(await silentClosed).toBeInstanceOf(Error);
    serveCounting();
    await expect(client().ask({ n: 1 })).resolves.toBeInstanceOf(Uint8Array);
  });
});
