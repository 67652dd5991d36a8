import { StreamMessageEvent, type MessageStream } from '@libp2p/interface';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, u32be } from '../encoding/bytes.ts';
import { isAssayError } from '../errors/assay-error.ts';
import { FrameReader } from './frames.ts';

const LIMITS = { maxFrameBytes: 64, maxBufferedBytes: 200 };

/** Just enough of a stream to hand bytes to a reader. */
class FakeStream extends EventTarget {
  readonly readableEnded = false;
  readonly status = 'open';
  aborted: Error | undefined;

  abort(error: Error): void {
    this.aborted ??= error;
  }
}

/** What a reader makes of these chunks: the frames, and the code it ends with. */
async function read(chunks: readonly Uint8Array[]): Promise<{ frames: Uint8Array[]; code?: string }> {
  const stream = new FakeStream();
  const reader = new FrameReader(stream as unknown as MessageStream, LIMITS);
  const frames: Uint8Array[] = [];
  const reading = (async (): Promise<string | undefined> => {
    try {
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next())
        frames.push(frame);
      return undefined;
    } catch (error) {
      return isAssayError(error) ? error.code : String(error);
    }
  })();
  for (const chunk of chunks) {
    stream.dispatchEvent(new StreamMessageEvent(chunk));
    await Promise.resolve();
  }
  stream.dispatchEvent(new Event('end'));
  const code = await reading;
  expect(stream.aborted === undefined).toBe(code === undefined);
  return { frames, ...(code !== undefined && { code }) };
}

describe('FrameReader', () => {
  it('ends every sequence of bytes in frames or one of its own errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
        const { frames, code } = await read(chunks);
        expect(frames.every(({ length }) => length >= 1 && length <= LIMITS.maxFrameBytes)).toBe(true);
        expect([
          undefined,
          'E_FRAME_EMPTY',
          'E_FRAME_TOO_LARGE',
          'E_FRAME_TRUNCATED',
          'E_FRAME_FLOOD',
        ]).toContain(code);
      }),
    );
  });

  it('gives back the frames that were sent, however they are cut', async () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(bodies, fc.array(fc.nat(140), { maxLength: 10 }), async (sent, cuts) => {
        const bytes = concatBytes(...sent.flatMap((body) => [u32be(body.length), body]));
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted((a, b) => a - b);
        const chunks = ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
        expect(await read(chunks)).toEqual({ frames: sent });
      }),
    );
  });
});
