import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { bytes, decodeWith, int, optional, shape, text } from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { LogStore } from '../log/log-store.ts';
import { isLogPath } from '../log/tile.ts';
import { maxFrameBytes, MAX_LOG_RESOURCE_BYTES } from '../protocols.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import { serveFrames } from './serve-frames.ts';
import type { LogSource } from './sources.ts';

/** Longer than any log path: `evidence/` and 64 digits are 73. */
const MAX_PATH_BYTES = 128;
const TIMEOUT_MS = 15_000;

const OK = 200;
const BAD_PATH = 400;
const NOT_FOUND = 404;

const readRequest = shape({ path: text({ maxBytes: MAX_PATH_BYTES }) });
const readAnswer = shape({
  status: int({ min: 0 }),
  body: optional(bytes({ maxLength: MAX_LOG_RESOURCE_BYTES })),
});

/** Serves a log store on one stream of `/assay/log/1`: `{path}` → `{status, body?}`. */
export function serveLog(stream: Stream, options: { store: LogStore; clock: Clock }): Promise<void> {
  return serveFrames(
    stream,
    async function* (frame) {
      const { path } = unwrap(decodeWith(frame, readRequest));
      if (!isLogPath(path)) {
        yield { status: BAD_PATH };
        return;
      }
      const body = await options.store.read(path);
      yield body === undefined ? { status: NOT_FOUND } : { status: OK, body };
    },
    options,
  );
}

/** A LogSource over `/assay/log/1` to one peer. */
export function createLogClient(options: { id: string; open: OpenStream; clock: Clock }): LogSource {
  const client = new FrameClient({
    ...options,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.log,
    maxBufferedBytes: maxFrameBytes.log + 4,
  });
  const read = async (path: string, signal?: AbortSignal): Promise<Uint8Array> => {
    const answer = unwrap(
      decodeWith(await client.ask({ path }, signal), readAnswer, { maxBytes: maxFrameBytes.log }),
    );
    if (answer.status === NOT_FOUND) throw new AssayError('E_NOT_FOUND', { what: path });
    if (answer.status !== OK || answer.body === undefined) {
      throw new AssayError('E_PROTOCOL', { reason: `status ${answer.status} for a log resource` });
    }
    return answer.body;
  };
  return { id: options.id, checkpoint: (signal) => read('checkpoint', signal), read };
}
