import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { bytes, decodeWith, int, optional, shape, text } from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { answerLookup, type LookupView } from '../lookup/answer.ts';
import { encodeLookup, MAX_LOOKUP_BYTES } from '../lookup/bundle.ts';
import { maxFrameBytes } from '../protocols.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import { serveFrames } from './serve-frames.ts';
import type { ReadLookup } from './sources.ts';

const TIMEOUT_MS = 15_000;

const OK = 200;
const BAD_PURL = 400;
const UNAVAILABLE = 503;

const readRequest = shape({
  purl: text({ maxBytes: MAX_PURL_LENGTH }),
  have: optional(int({ min: 0 })),
  from: optional(int({ min: 0 })),
});
const readAnswer = shape({
  status: int({ min: 0 }),
  body: optional(bytes({ maxLength: MAX_LOOKUP_BYTES })),
});

/**
 * Answers lookups on one stream of `/assay/lookup/1`: `{purl, have?, from?}` → `{status, body?}`, the body being a LookupBundle.
 * `view` gives what is known at the moment of asking, or undefined before there is a checkpoint.
 */
export function serveLookups(
  stream: Stream,
  options: { readonly view: () => LookupView | undefined; readonly clock: Clock },
): Promise<void> {
  return serveFrames(
    stream,
    async function* (frame) {
      const { purl, ...known } = unwrap(decodeWith(frame, readRequest));
      const view = options.view();
      if (view === undefined) {
        yield { status: UNAVAILABLE };
        return;
      }
      const answer = await answerLookup(view, purl, known);
      yield answer.ok ? { status: OK, body: encodeLookup(answer.value) } : { status: BAD_PURL };
    },
    options,
  );
}

/** Asks one peer over `/assay/lookup/1`. What it gives is unchecked. */
export function createLookupClient(options: { open: OpenStream; clock: Clock }): ReadLookup {
  const client = new FrameClient({
    ...options,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.lookup,
    maxBufferedBytes: maxFrameBytes.lookup + 4,
  });
  return async (purl, known, signal) => {
    const frame = await client.ask({ purl, ...known }, signal);
    const { status, body } = unwrap(decodeWith(frame, readAnswer, { maxBytes: maxFrameBytes.lookup }));
    if (status === OK && body !== undefined) return body;
    if (status === UNAVAILABLE) throw new AssayError('E_LOOKUP_UNAVAILABLE');
    throw new AssayError('E_PROTOCOL', { reason: `status ${status} for a lookup` });
  };
}
