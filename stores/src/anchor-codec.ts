import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { bytes, decodeWith, int, optional, shape } from '@assay/core/encoding/cbor-shape.ts';
import type { Result } from '@assay/core/errors/result.ts';
import type { Anchor } from '@assay/core/node/stores.ts';

/** Longest signed note: far above a checkpoint with the cosignatures of 100 authorities. */
const MAX_NOTE_BYTES = 64 * 1024;

const note = bytes({ maxLength: MAX_NOTE_BYTES });
const readAnchor = shape({
  size: int({ min: 0 }),
  root: bytes({ length: 32 }),
  checkpoint: note,
  conflict: optional(shape({ first: note, second: note })),
});

/** An anchor as it is stored: canonical CBOR. */
export function encodeAnchor({ size, root, checkpoint, conflict }: Anchor): Uint8Array {
  const plain = { size, root, checkpoint };
  return encodeCbor(conflict === undefined ? plain : { ...plain, conflict: { ...conflict } });
}

/** Reads a stored anchor. */
export function decodeAnchor(stored: Uint8Array): Result<Anchor> {
  return decodeWith(stored, readAnchor, { maxBytes: 4 * MAX_NOTE_BYTES });
}
