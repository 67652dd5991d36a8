import {
  bool,
  bytes,
  decodeWith,
  int,
  literal,
  optional,
  shape,
  type ReadBy,
} from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import type { Result } from '@assay/core/errors/result.ts';
import { MAX_REQUEST_BYTES } from '@assay/core/net/signed-request.ts';
import { readVersionPurl } from '@assay/core/records/artifact-add.ts';
import { MAX_BITMAP_BYTES } from '@assay/core/records/limits.ts';

/** Longest envelope that is exchanged: one about an npm version has about 2 KiB, the longest names and errors make it no longer than this. */
const MAX_ANSWER_BYTES = 16 * 1024;

const readOffer = shape({
  /** The sender's epoch: what it says of authorities, and their answers, mean nothing in another one. */
  epoch: int({ min: 1 }),
  /** The signed request that this try answers, so that whoever missed it hears of it. */
  request: bytes({ maxLength: MAX_REQUEST_BYTES }),
  /** With the version that the request was resolved to. */
  purl: readVersionPurl,
  /** How far the sender is. */
  phase: literal('waiting', 'fetching', 'answered'),
  /** A signed answer; the sender's own, or that of one who cannot be reached. */
  envelope: optional(bytes({ maxLength: MAX_ANSWER_BYTES })),
  /** Bitmap of those whose answers the sender has. */
  have: bytes({ maxLength: MAX_BITMAP_BYTES }),
  /** Whether the receiver should send what the sender lacks. */
  ask: bool(),
});

/** The one message of `/assay/attestations/1`: a job, how far the sender is with it, and perhaps an answer. */
export type Offer = ReadBy<typeof readOffer>;

/** Canonical CBOR of an offer. */
export function encodeOffer(offer: Offer): Uint8Array {
  return encodeCbor({ ...offer });
}

/** Reads an offer; request and envelope inside are still only bytes. Total. */
export function decodeOffer(encoded: Uint8Array): Result<Offer> {
  return decodeWith(encoded, readOffer);
}
