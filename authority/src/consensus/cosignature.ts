import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { bytes, int, shape, type Reader } from '@assay/core/encoding/cbor-shape.ts';
import type { CborMap } from '@assay/core/encoding/cbor.ts';
import { formatCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { cosignatureMessage } from '@assay/core/log/cosignature.ts';
import { MAX_AUTHORITIES, MAX_TIME } from '@assay/core/records/limits.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import { hashBytes, readHash, type Hash } from './block.ts';

/** A size of the log and the root it has there. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** One authority's C2SP cosignature of a tree head: "final, and every entry was validated, as of `time`". */
export interface SignedTreeHead extends TreeHead {
  readonly epoch: number;
  /** Index in the authority set of the epoch. */
  readonly signer: number;
  /** Unix seconds. */
  readonly time: number;
  readonly signature: Uint8Array;
}

/** The bytes under a cosignature: `cosignature/v1` over the checkpoint of this origin and head. */
export function treeHeadBytes(origin: string, { size, root }: TreeHead, time: number): Uint8Array {
  return cosignatureMessage(
    formatCheckpointBody({ origin, size, root: hashBytes(root), extensions: [] }),
    time,
  );
}

/** The public keys cosignatures are checked against. */
export interface Cosigners {
  readonly origin: string;
  /** The authority sets by epoch, the first one first. */
  readonly sets: readonly AuthoritySet[];
  readonly verify: VerifyEd25519;
}

/** Whether the cosignature is by the authority it names. */
export function isTreeHeadSigned({ origin, sets, verify }: Cosigners, signed: SignedTreeHead): boolean {
  const key = sets[signed.epoch - 1]?.authorities[signed.signer]?.cosignKey;
  return key !== undefined && verify(key, treeHeadBytes(origin, signed, signed.time), signed.signature);
}

/** Reads a cosignature out of decoded CBOR. */
export const readSignedTreeHead: Reader<SignedTreeHead> = shape({
  size: int({ min: 1 }),
  root: readHash,
  epoch: int({ min: 1 }),
  signer: int({ min: 0, max: MAX_AUTHORITIES - 1 }),
  time: int({ min: 0, max: MAX_TIME }),
  signature: bytes({ length: 64 }),
});

/** The wire form of a cosignature. */
export function signedTreeHeadToCbor({ root, ...plain }: SignedTreeHead): CborMap {
  return { ...plain, root: hashBytes(root) };
}
