import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import type { CborMap } from '../encoding/cbor.ts';
import {
  arrayOf,
  bool,
  decodeWith,
  int,
  optional,
  shape,
  text,
  type ReadBy,
} from '../encoding/cbor-shape.ts';
import { unwrap } from '../errors/result.ts';
import { maxFrameBytes } from '../protocols.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import { serveFrames } from './serve-frames.ts';

const MAX_NAME_BYTES = 128;
const MAX_REASON_BYTES = 512;
const MAX_PEERS = 100;
const MAX_NOTICES = 100;
const TIMEOUT_MS = 5_000;

const count = int({ min: 0 });
const name = text({ maxBytes: MAX_NAME_BYTES });
const names = arrayOf(name, { max: MAX_PEERS });

const readRequest = shape({});

/** Reads what an authority says of itself out of decoded CBOR or JSON. */
export const readAuthorityStatus = shape({
  name,
  epoch: count,
  view: count,
  height: count,
  size: count,
  finalized: count,
  /** Index of the present view's leader. */
  leader: count,
  /** Its name, which says the same to those who know another epoch's set. */
  leaderName: optional(name),
  /** Index of this authority in the set; missing when it only follows. */
  me: optional(count),
  busy: bool(),
  /** Transactions that wait for a consensus block. */
  pending: count,
  halted: optional(shape({ reason: text({ maxBytes: MAX_REASON_BYTES }) })),
  peers: arrayOf(
    shape({
      index: count,
      name,
      /** Unix milliseconds by this authority's clock. */
      lastVoteAt: optional(count),
      height: optional(count),
      /** Whether a stream to it is open. */
      connected: optional(bool()),
      /** Proven to have equivocated: it leaves with the epoch. */
      suspended: optional(bool()),
    }),
    { max: MAX_PEERS },
  ),
  /** Contradictions in the log, the newest last. */
  equivocations: optional(
    arrayOf(shape({ name, offence: name, epoch: count, index: count }), { max: MAX_NOTICES }),
  ),
  /** How the set came about, the newest epoch last; times in unix seconds. */
  membership: optional(
    arrayOf(shape({ epoch: count, since: count, added: names, removed: names, time: count }), {
      max: MAX_NOTICES,
    }),
  ),
  /** Records that not all builders agreed on: how many lately, and the newest. */
  disagreements: optional(
    shape({
      count,
      latest: arrayOf(
        shape({ purl: text({ maxBytes: MAX_PURL_LENGTH }), index: count, agree: count, dissent: count }),
        { max: MAX_NOTICES },
      ),
    }),
  ),
  checkpoint: optional(shape({ size: count, freshAsOf: count })),
});

/** What an authority says of itself. Information, never part of a verdict. */
export type AuthorityStatus = ReadBy<typeof readAuthorityStatus>;

/** Answers one stream of `/assay/status/1`: `{}` → the status. */
export function serveStatus(
  stream: Stream,
  options: { status: () => AuthorityStatus; clock: Clock },
): Promise<void> {
  return serveFrames(
    stream,
    async function* (frame) {
      unwrap(decodeWith(frame, readRequest));
      yield options.status() as CborMap;
    },
    options,
  );
}

/** Asks one authority for its status. Rejects with an AssayError. */
export function createStatusClient(options: { open: OpenStream; clock: Clock }): {
  status(signal?: AbortSignal): Promise<AuthorityStatus>;
} {
  const client = new FrameClient({
    ...options,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.status,
    maxBufferedBytes: maxFrameBytes.status + 4,
  });
  return {
    async status(signal) {
      return unwrap(decodeWith(await client.ask({}, signal), readAuthorityStatus));
    },
  };
}
