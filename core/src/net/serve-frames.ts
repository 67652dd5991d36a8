import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import type { CborMap } from '../encoding/cbor.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { withDeadline } from './deadline.ts';
import { FrameReader, sendFrame } from './frames.ts';

/** Every request of the client protocols is small: a path, 32 references, a list of roots, a signed request. */
export const MAX_REQUEST_FRAME_BYTES = 16 * 1024;
/** Requests that may wait on one stream while another is answered, in bytes. */
const MAX_WAITING_REQUEST_BYTES = 4 * MAX_REQUEST_FRAME_BYTES;
/** A client that neither asks nor takes its answers for this long loses the stream. */
const DEFAULT_IDLE_MS = 60_000;

export interface ServeOptions {
  readonly clock: Clock;
  readonly maxFrameBytes?: number;
  readonly idleMs?: number;
}

/** Answers one request frame with any number of frames. A rejection aborts the stream and nothing else. */
export type FrameHandler = (frame: Uint8Array) => AsyncIterable<CborMap>;

/** Answers the requests of one stream, one after the other, until the other side ends it. Never rejects. */
export async function serveFrames(
  stream: Stream,
  handler: FrameHandler,
  options: ServeOptions,
): Promise<void> {
  const maxFrameBytes = options.maxFrameBytes ?? MAX_REQUEST_FRAME_BYTES;
  const reader = new FrameReader(stream, {
    maxFrameBytes,
    maxBufferedBytes: Math.max(MAX_WAITING_REQUEST_BYTES, 2 * maxFrameBytes),
  });
  const within = <T>(work: () => Promise<T>): Promise<T> =>
    withDeadline(options.clock, options.idleMs ?? DEFAULT_IDLE_MS, undefined, work);
  try {
    for (;;) {
      const frame = await within(() => reader.next());
      if (frame === undefined) break;
      for await (const answer of handler(frame)) {
        if (!reader.open && stream.writeStatus !== 'writable') return;
        await within(() => sendFrame(stream, answer));
      }
    }
    await stream.close();
  } catch (cause) {
    stream.abort(isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause));
  }
}
