import { toHex } from './encoding/hex.ts';

/** libp2p protocol ids. The number is the wire version: an incompatible change takes the next one. */
export const protocols = {
  log: '/assay/log/1',
  lookup: '/assay/lookup/1',
  blocks: '/assay/blocks/1',
  providers: '/assay/providers/1',
  request: '/assay/request/1',
  status: '/assay/status/1',
  consensus: '/assay/consensus/1',
  attestations: '/assay/attestations/1',
  transactions: '/assay/transactions/1',
  membership: '/assay/membership/1',
} as const;

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Largest frame of each protocol, without the 4-byte length before it. A longer announced length aborts the
 * stream before anything is allocated.
 */
export const maxFrameBytes = {
  /** A full entry bundle: 256 entries of at most 65,535 bytes, each with a 2-byte length. */
  log: 17 * MIB,
  /** Everything the log says of one package with thousands of versions, proofs and a record. */
  lookup: 2 * MIB + 64 * KIB,
  /** One 32 KiB block with its reference, or a request of 32 references. */
  blocks: 64 * KIB,
  /** 32 providers with 16 addresses each. */
  providers: 128 * KIB,
  /** Progress of one request seen by 100 authorities, each with a coded error. */
  request: 128 * KIB,
  /** Status of one authority with its view of 100 peers. */
  status: 64 * KIB,
  /** A consensus block body with certificates. */
  consensus: 4 * MIB,
  /** One DSSE envelope. */
  attestations: 64 * KIB,
  /** One transaction with all attestations inside. */
  transactions: 256 * KIB,
  /** A change of the largest set: 33 candidates of 2 KiB, ballots of 100 authorities with 400 bytes each. */
  membership: 128 * KIB,
} as const satisfies Record<keyof typeof protocols, number>;

/** Most block references in one request of the blocks protocol: 32 × 32 KiB = 1 MiB in flight per request. */
export const MAX_REFERENCES_PER_REQUEST = 32;

/** Largest log resource (checkpoint, tile, entry bundle, evidence bundle) that is accepted from anyone. */
export const MAX_LOG_RESOURCE_BYTES = maxFrameBytes.log - KIB;

/** The gossipsub topic on which newly cosigned checkpoints of one network are announced. */
export function checkpointTopic(networkId: Uint8Array): string {
  return `assay/${toHex(networkId)}/checkpoint`;
}
