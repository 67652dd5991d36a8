import { sha256 } from '../crypto/sha256.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { LogPolicy } from '../log/policy.ts';
import { quorum } from '../log/quorum.ts';
import { authoritySetToCbor } from './genesis.ts';
import type { AuthorityIdentity, NetworkLimits } from './types.ts';

/** The authorities of one epoch and what follows from them. */
export interface AuthoritySet {
  /** From 1, the epoch of genesis. */
  readonly epoch: number;
  /** In the order that bitmaps and votes count by. */
  readonly authorities: readonly AuthorityIdentity[];
  readonly limits: NetworkLimits;
  /** SHA-256 of the canonical CBOR of {epoch, authorities, limits}: what a state record says about who is in charge next. */
  readonly setHash: Uint8Array;
  /** Who must have cosigned a checkpoint of this epoch; cosigners are named `<origin>/<authority name>`. */
  readonly policy: LogPolicy;
  /** Log size at which the epoch begins: 0 for epoch 1, else the size of the tree that the epoch before ended with. */
  readonly since: number;
}

/** What makes an authority set, besides the log's origin. */
export type AuthoritySetParts = Pick<AuthoritySet, 'epoch' | 'authorities' | 'limits' | 'since'>;

/** The authority set of an epoch in the log `origin`. */
export function makeAuthoritySet(origin: string, parts: AuthoritySetParts): AuthoritySet {
  const { epoch, authorities, limits, since } = parts;
  const setHash = sha256(encodeCbor({ epoch, ...authoritySetToCbor(authorities, limits) }));
  return { epoch, authorities, limits, setHash, policy: policyOf(origin, authorities), since };
}

/** Position of the authority with this name, which is its index in votes and bitmaps; -1 when it is not in the set. */
export function indexOfAuthority(set: AuthoritySet, name: string): number {
  return set.authorities.findIndex((authority) => authority.name === name);
}

/** The key name under which an authority cosigns checkpoints. */
export function cosignerName(origin: string, authorityName: string): string {
  return `${origin}/${authorityName}`;
}

function policyOf(origin: string, authorities: readonly AuthorityIdentity[]): LogPolicy {
  return {
    origin,
    logKeys: authorities.map(({ logKey }) => ({ name: origin, publicKey: logKey })),
    cosigners: authorities.map(({ name, cosignKey }) => ({
      name: cosignerName(origin, name),
      publicKey: cosignKey,
    })),
    quorum: quorum(authorities.length),
  };
}
