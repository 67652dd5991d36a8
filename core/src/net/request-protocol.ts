import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import type { CborMap } from '../encoding/cbor.ts';
import {
  bytes,
  decodeWith,
  literal,
  optional,
  shape,
  text,
  variant,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { fromWire, isAssayError, toWire, AssayError } from '../errors/assay-error.ts';
import { ok, unwrap } from '../errors/result.ts';
import { maxFrameBytes } from '../protocols.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import {
  isSettled,
  readRequestProgress,
  requestProgressToCbor,
  wireErrorToCbor,
  type RequestProgress,
} from './request-progress.ts';
import { serveFrames } from './serve-frames.ts';
import { encodeSignedRequest, MAX_REQUEST_BYTES } from './signed-request.ts';
import type { RequestClient } from './sources.ts';

/** The serving side repeats the newest progress after this long without change, so that the stream is seen to live. */
export const HEARTBEAT_MS = 10_000;
const TIMEOUT_MS = 3 * HEARTBEAT_MS;

const readRequest = variant('kind', {
  submit: shape({ kind: literal('submit'), request: bytes({ maxLength: MAX_REQUEST_BYTES }) }),
  follow: shape({ kind: literal('follow'), id: text({ maxBytes: 64, pattern: /^[0-9a-f]+$/ }) }),
});
const readError: Reader<AssayError> = (value) => ok(fromWire(value));
const readAnswer = shape({ progress: optional(readRequestProgress), error: optional(readError) });

/** What takes requests in. Both throw AssayErrors, which are sent to the asker. */
export interface RequestDesk {
  /** Takes one encoded SignedRequest; checks everything about it. `peerId` is who handed it in. */
  submit(request: Uint8Array, peerId: string): Promise<RequestProgress>;
  /**
   * The progress now, and again whenever it changes, until it is settled. Throws `E_NOT_FOUND` for an unknown id. The iterator is
   * returned when the asker goes away; `signal` tells of that at once, where the asker has one.
   */
  follow(id: string, signal?: AbortSignal): AsyncIterable<RequestProgress>;
}

/** Answers one stream of `/assay/request/1`: `submit` with one answer, `follow` with one per change. */
export function serveRequests(
  stream: Stream,
  options: { desk: RequestDesk; peerId: string; clock: Clock },
): Promise<void> {
  return serveFrames(
    stream,
    async function* (frame) {
      const request = unwrap(decodeWith(frame, readRequest));
      try {
        if (request.kind === 'submit') {
          yield answer(await options.desk.submit(request.request, options.peerId));
        } else {
          for await (const progress of withHeartbeat(options.desk.follow(request.id), options.clock)) {
            yield answer(progress);
          }
        }
      } catch (error) {
        if (!isAssayError(error)) throw error;
        yield { error: wireErrorToCbor(toWire(error)) };
      }
    },
    options,
  );
}

/** A RequestClient over `/assay/request/1` to one authority. */
export function createRequestClient(options: { id: string; open: OpenStream; clock: Clock }): RequestClient {
  const client = new FrameClient({
    ...options,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.request,
    maxBufferedBytes: 2 * maxFrameBytes.request,
  });
  return {
    id: options.id,
    async submit(request, signal) {
      return readProgress(
        await client.ask({ kind: 'submit', request: encodeSignedRequest(request) }, signal),
      );
    },
    async *follow(id, signal) {
      for await (const frame of client.answers({ kind: 'follow', id }, Infinity, signal)) {
        const progress = readProgress(frame);
        yield progress;
        if (isSettled(progress)) return;
      }
    },
  };
}

function answer(progress: RequestProgress): CborMap {
  return { progress: requestProgressToCbor(progress) };
}

function readProgress(frame: Uint8Array): RequestProgress {
  const { progress, error } = unwrap(decodeWith(frame, readAnswer));
  if (error !== undefined) throw error;
  if (progress === undefined) throw new AssayError('E_PROTOCOL', { reason: 'an answer without progress' });
  return progress;
}

/** Repeats the last item whenever the source is silent for HEARTBEAT_MS. */
async function* withHeartbeat<T>(source: AsyncIterable<T>, clock: Clock): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    let last: T | undefined;
    let next = iterator.next();
    for (;;) {
      const timer = new AbortController();
      const silence = clock.sleep(HEARTBEAT_MS, timer.signal).then(() => 'silence' as const);
      const step = await Promise.race([next, silence]).finally(() => timer.abort());
      if (step === 'silence') {
        if (last !== undefined) yield last;
        continue;
      }
      if (step.done === true) return;
      last = step.value;
      yield last;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}
