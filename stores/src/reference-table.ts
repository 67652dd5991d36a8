import { toHex } from '@assay/core/encoding/hex.ts';
import { REFERENCE_BYTES } from '@assay/core/eris/capability.ts';

/** The number of each block by the hex of its reference, out of the concatenated references of a pack. */
export function readReferences(references: Uint8Array): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  for (let index = 0; (index + 1) * REFERENCE_BYTES <= references.length; index++) {
    const offset = index * REFERENCE_BYTES;
    indexes.set(toHex(references.subarray(offset, offset + REFERENCE_BYTES)), index);
  }
  return indexes;
}
