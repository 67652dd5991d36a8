import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  literal,
  optional,
  shape,
  variant,
  type ReadBy,
} from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor, type CborMap } from '@assay/core/encoding/cbor.ts';
import type { Result } from '@assay/core/errors/result.ts';
import { maxFrameBytes } from '@assay/core/protocols.ts';
import { readAuthorityName } from '@assay/core/records/authority.ts';
import { candidateToCbor, readCandidate } from '@assay/core/records/candidate.ts';
import { MAX_AUTHORITIES, MAX_CHANGES } from '@assay/core/records/limits.ts';
import { ballotToCbor, readBallot } from '@assay/core/records/membership.ts';

/** Candidates that one notice names at most: those of the largest change. */
export const MAX_CANDIDATES = MAX_CHANGES;

const hash = bytes({ length: 32 });

const readNotice = shape({
  v: literal(1),
  /** The sender's epoch. */
  epoch: int({ min: 1 }),
  /** The sender's last final consensus block. */
  height: int({ min: 0 }),
  candidates: arrayOf(readCandidate, { max: MAX_CANDIDATES }),
  acceptances: arrayOf(
    shape({
      /** Digest of the candidate. */
      candidate: hash,
      epoch: int({ min: 1 }),
      size: int({ min: 1 }),
      root: hash,
      signature: bytes({ length: 64 }),
    }),
    { max: MAX_CANDIDATES },
  ),
  /** A change under way, and who has said what about it. */
  change: optional(
    shape({
      parts: arrayOf(
        variant('kind', {
          /** By the digest of a candidate. */
          add: shape({ kind: literal('add'), candidate: hash }),
          remove: shape({ kind: literal('remove'), name: readAuthorityName }),
        }),
        { min: 1, max: MAX_CHANGES },
      ),
      ballots: arrayOf(readBallot, { max: MAX_AUTHORITIES }),
    }),
  ),
});

/** The one message of `/assay/membership/1`: what the sender knows of candidates, and of one change. */
export type Notice = ReadBy<typeof readNotice>;

/** Canonical CBOR of a notice. */
export function encodeNotice({ candidates, acceptances, change, ...rest }: Notice): Uint8Array {
  const said: CborMap = {
    ...rest,
    candidates: candidates.map(candidateToCbor),
    acceptances: acceptances.map((acceptance) => ({ ...acceptance })),
  };
  if (change === undefined) return encodeCbor(said);
  const parts = change.parts.map((part) => ({ ...part }));
  return encodeCbor({ ...said, change: { parts, ballots: change.ballots.map(ballotToCbor) } });
}

/** Reads a notice; nothing in it is checked yet. Total. */
export function decodeNotice(encoded: Uint8Array): Result<Notice> {
  return decodeWith(encoded, readNotice, { maxBytes: maxFrameBytes.membership });
}
