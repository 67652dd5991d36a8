import { encodeCbor, type CborValue } from '@assay/core/encoding/cbor.ts';
import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  optional,
  shape,
  text,
  type ReadBy,
} from '@assay/core/encoding/cbor-shape.ts';
import { ok, type Result } from '@assay/core/errors/result.ts';
import type { Anchor, Conflict } from '@assay/core/node/stores.ts';
import { MAX_AUTHORITIES, MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';

/** Longest signed note: far above a checkpoint with the cosignatures of 100 authorities. */
const MAX_NOTE_BYTES = 64 * 1024;

/** A tree of 2^53 entries is no higher; a consistency proof has at most two hashes per level. */
const MAX_PROOF_HASHES = 2 * 53;

const note = bytes({ maxLength: MAX_NOTE_BYTES });
const hash = bytes({ length: 32 });
const hashes = arrayOf(hash, { max: MAX_PROOF_HASHES });
const readAnchor = shape({
  size: int({ min: 0 }),
  root: bytes({ length: 32 }),
  checkpoint: note,
  conflict: optional(
    shape({
      first: note,
      second: note,
      signers: optional(arrayOf(text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }), { max: MAX_AUTHORITIES })),
      proof: optional(
        shape({
          root: hash,
          consistency: hashes,
          common: optional(shape({ size: int({ min: 0 }), root: hash, ours: hashes, theirs: hashes })),
        }),
      ),
    }),
  ),
});

type StoredConflict = NonNullable<ReadBy<typeof readAnchor>['conflict']>;

/** An anchor as it is stored: canonical CBOR. */
export function encodeAnchor({ size, root, checkpoint, conflict }: Anchor): Uint8Array {
  const plain = { size, root, checkpoint };
  return encodeCbor(conflict === undefined ? plain : { ...plain, conflict: conflictToCbor(conflict) });
}

/** Reads a stored anchor. */
export function decodeAnchor(stored: Uint8Array): Result<Anchor> {
  const anchor = decodeWith(stored, readAnchor, { maxBytes: 4 * MAX_NOTE_BYTES });
  if (!anchor.ok) return anchor;
  const { conflict, ...plain } = anchor.value;
  return ok(conflict === undefined ? plain : { ...plain, conflict: conflictOf(conflict) });
}

function conflictToCbor({ first, second, signers, proof }: Conflict): CborValue {
  const fields: Record<string, CborValue> = { first, second };
  if (signers !== undefined) fields['signers'] = signers;
  if (proof !== undefined) {
    const { root, consistency, common } = proof;
    fields['proof'] =
      common === undefined ? { root, consistency } : { root, consistency, common: { ...common } };
  }
  return fields;
}

function conflictOf({ first, second, signers, proof }: StoredConflict): Conflict {
  if (proof === undefined) return { first, second, ...(signers && { signers }) };
  const { common, ...shown } = proof;
  return { first, second, ...(signers && { signers }), proof: { ...shown, ...(common && { common }) } };
}
