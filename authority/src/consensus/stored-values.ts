import { hash } from 'node:crypto';
import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  optional,
  shape,
  text,
  type Reader,
} from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import type { Result } from '@assay/core/errors/result.ts';
import { maxFrameBytes } from '@assay/core/protocols.ts';
import { concatBytes, equalBytes, utf8 } from '@assay/core/encoding/bytes.ts';
import { MAX_ENTRY_BYTES } from '@assay/core/log/tile.ts';
import { authorityToCbor, readAuthority, readAuthorityName } from '@assay/core/records/authority.ts';
import { MAX_AUTHORITIES } from '@assay/core/records/limits.ts';
import { blockToCbor, hashBytes, headerToCbor, readBlock, readHash, readHeader } from './block.ts';
import { MAX_STORED_PATH } from './limits.ts';
import type { Amnesia } from './state.ts';
import type { TreeHead } from './cosignature.ts';
import type { StoredBlock, StoredEra, StoredTip } from './store.ts';
import { certificateToCbor, readCertificate } from './vote.ts';

const SUM_BYTES = 32;
const count = int({ min: 0 });

/** Puts a SHA-256 of stored bytes and of their place behind them, so that no changed bit is taken for the truth. */
export function seal(payload: Uint8Array, place: string): Uint8Array {
  return concatBytes(payload, sumOf(payload, place));
}

/** The bytes without their SHA-256; undefined when they are not what was sealed for this place. */
export function unseal(sealed: Uint8Array, place: string): Uint8Array | undefined {
  const payload = sealed.subarray(0, Math.max(0, sealed.length - SUM_BYTES));
  return equalBytes(sumOf(payload, place), sealed.subarray(payload.length)) ? payload : undefined;
}

/** Decodes stored bytes; as large as a message may be. */
export function decodeStored<T>(payload: Uint8Array, reader: Reader<T>): Result<T> {
  return decodeWith(payload, reader, { maxBytes: maxFrameBytes.consensus });
}

/** Reads a final block as `encodeStoredBlock` writes it. */
export const readStoredBlock: Reader<StoredBlock> = shape({
  block: readBlock,
  batches: count,
  proof: optional(readCertificate),
  path: optional(arrayOf(readHeader, { max: MAX_STORED_PATH })),
});

/** The stored form of a final block. */
export function encodeStoredBlock({ block, batches, proof, path }: StoredBlock): Uint8Array {
  const proven = proof === undefined ? {} : { proof: certificateToCbor(proof) };
  const led = path === undefined ? {} : { path: path.map(headerToCbor) };
  return encodeCbor({ block: blockToCbor(block), batches, ...proven, ...led });
}

/** Reads how an epoch ended as `encodeStoredEra` writes it. */
export const readStoredEra: Reader<StoredEra> = shape({
  head: shape({ size: count, root: readHash }),
  state: bytes({ maxLength: MAX_ENTRY_BYTES }),
  proof: arrayOf(bytes({ length: 32 }), { max: 53 }),
  authorities: arrayOf(readAuthority, { min: 1, max: MAX_AUTHORITIES }),
});

/** The stored form of how an epoch ended. */
export function encodeStoredEra({ head, state, proof, authorities }: StoredEra): Uint8Array {
  const { size, root } = head;
  return encodeCbor({
    head: { size, root: hashBytes(root) },
    state,
    proof: [...proof],
    authorities: authorities.map(authorityToCbor),
  });
}

/** Reads an amnesia as `encodeAmnesia` writes it. */
export const readAmnesia: Reader<Amnesia> = shape({
  reason: text({ maxBytes: 4096 }),
  keys: optional(arrayOf(text({ maxBytes: 64 }), { max: 4096 })),
});

/** The stored form of an amnesia. */
export function encodeAmnesia({ reason, keys }: Amnesia): Uint8Array {
  return encodeCbor(keys === undefined ? { reason } : { reason, keys: [...keys] });
}

/** Reads the last final block as `encodeStoredTip` writes it. */
export const readStoredTip: Reader<StoredTip> = shape({
  block: readBlock,
  digest: readHash,
  batches: count,
  suspended: arrayOf(readAuthorityName, { max: MAX_AUTHORITIES }),
  proof: optional(readCertificate),
  tree: shape({ size: count, hashes: arrayOf(bytes({ length: 32 }), { max: 53 }) }),
});

/** The stored form of the last final block. */
export function encodeStoredTip({ block, digest, batches, suspended, proof, tree }: StoredTip): Uint8Array {
  const proven = proof === undefined ? {} : { proof: certificateToCbor(proof) };
  const { size, hashes } = tree;
  return encodeCbor({
    block: blockToCbor(block),
    digest: hashBytes(digest),
    batches,
    suspended: [...suspended],
    tree: { size, hashes },
    ...proven,
  });
}

/** Reads a tree head as `encodeTreeHead` writes it. */
export const readTreeHead: Reader<TreeHead> = shape({ size: count, root: readHash });

/** The stored form of a tree head. */
export function encodeTreeHead({ size, root }: TreeHead): Uint8Array {
  return encodeCbor({ size, root: hashBytes(root) });
}

/** How much the database holds: a row that is gone shows here. */
export interface Totals {
  /** Rows of the journal. */
  readonly journal: number;
  /** Height of the last final block. */
  readonly final: number;
  readonly packages: number;
  /** Epochs after the first. */
  readonly eras: number;
  readonly handoffs: number;
  /** The newest size cosigned. */
  readonly cosigned: number;
}

/** What an empty database holds. */
export const NO_TOTALS: Totals = { journal: 0, final: 0, packages: 0, eras: 0, handoffs: 0, cosigned: 0 };

/** Reads totals as `encodeTotals` writes them. */
export const readTotals: Reader<Totals> = shape({
  journal: count,
  final: count,
  packages: count,
  eras: count,
  handoffs: count,
  cosigned: count,
});

/** The stored form of totals. */
export function encodeTotals(totals: Totals): Uint8Array {
  return encodeCbor({ ...totals });
}

function sumOf(payload: Uint8Array, place: string): Uint8Array {
  return new Uint8Array(hash('sha256', concatBytes(utf8(`${place}\0`), payload), 'buffer'));
}
