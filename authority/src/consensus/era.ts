import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { faultTolerance, quorum } from '@assay/core/log/quorum.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Hash } from './block.ts';
import type { TreeHead } from './cosignature.ts';
import type { CheckTransaction } from './ledger.ts';

/** The network, this authority's name and keys, and how it checks: what never changes while it runs. */
export interface Network {
  /** The network id. */
  readonly chain: Hash;
  readonly origin: string;
  /** What genesis says; the sets of later epochs are the era's. */
  readonly trust: NetworkTrust;
  /** This authority votes in the epochs whose set has this name with a vote key that it holds; in others it follows. */
  readonly name: string;
  /** Shifts the rotation of leaders in the first epoch, so that networks differ. */
  readonly leaderOffset: number;
  /** D0: the assumed bound of one message delay, in milliseconds. */
  readonly delta: number;
  readonly verify: VerifyEd25519;
  readonly checkTransaction: CheckTransaction;
  holdsVoteKey(publicKey: Uint8Array): boolean;
  signVote(publicKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** Undefined when the key is not held, or no longer. */
  signCosignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array | undefined;
}

/** How the epoch before ended: what its authorities cosign for the hand-off, and what leads from there to the new set. */
export interface Closing {
  readonly head: TreeHead;
  /** The state record of the closing batch: the last entry of that tree. */
  readonly state: Uint8Array;
  /** Inclusion of `state` in that tree. */
  readonly proof: readonly Uint8Array[];
}

/** The time one authority set is in force, as one authority sees it. */
export interface Era {
  readonly epoch: number;
  /** The sets of all epochs so far; that of epoch e is `sets[e - 1]`. */
  readonly sets: readonly [AuthoritySet, ...AuthoritySet[]];
  readonly set: AuthoritySet;
  readonly setHash: Hash;
  readonly names: readonly string[];
  readonly voteKeys: readonly Uint8Array[];
  /** Index of this authority in the set; undefined when it only follows. */
  readonly me: number | undefined;
  readonly count: number;
  /** How many authorities may be faulty. */
  readonly faults: number;
  readonly quorum: number;
  readonly leaderOffset: number;
  /** How earlier epochs ended, the first one first; the last leads to this one. */
  readonly closings: readonly Closing[];
}

/** The first epoch. */
export function firstEra(network: Network, set: AuthoritySet): Era {
  return eraOf(network, [set], set, network.leaderOffset);
}

/** Rule R12: the epoch after a closing block, which alone decides who its authorities are and in which order they lead. */
export function nextEra(network: Network, era: Era, next: AuthoritySet, closing: Closing): Era {
  const leaderOffset = Number.parseInt(closing.head.root.slice(0, 8), 16);
  const [first, ...later] = era.sets;
  return {
    ...eraOf(network, [first, ...later, next], next, leaderOffset),
    closings: [...era.closings, closing],
  };
}

/** An earlier epoch, or this one. */
export function eraAt(network: Network, era: Era, epoch: number): Era {
  const [first, ...later] = era.sets;
  let at = firstEra(network, first);
  for (const [index, set] of later.slice(0, epoch - 1).entries()) {
    const closing = era.closings[index];
    if (closing !== undefined) at = nextEra(network, at, set, closing);
  }
  return at;
}

function eraOf(network: Network, sets: Era['sets'], set: AuthoritySet, leaderOffset: number): Era {
  const { authorities } = set;
  const me = authorities.findIndex(
    ({ name, voteKey }) => name === network.name && network.holdsVoteKey(voteKey),
  );
  const count = authorities.length;
  return {
    epoch: set.epoch,
    sets,
    set,
    setHash: toHex(set.setHash),
    names: authorities.map(({ name }) => name),
    voteKeys: authorities.map(({ voteKey }) => voteKey),
    me: me < 0 ? undefined : me,
    count,
    faults: faultTolerance(count),
    quorum: quorum(count),
    leaderOffset,
    closings: [],
  };
}

/** What the rules go by in one epoch. */
export type Context = Network & Era;

const contexts = new WeakMap<Era, Context>();

/** The network as it is in an era. */
export function contextOf(network: Network, era: Era): Context {
  const known = contexts.get(era);
  if (known !== undefined) return known;
  const context = { ...network, ...era };
  contexts.set(era, context);
  return context;
}

/** The name of an authority of the set; the empty name, which nobody has, beyond it. */
export function nameOf({ names }: Pick<Era, 'names'>, index: number): string {
  return names[index] ?? '';
}
