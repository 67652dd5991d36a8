import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { KeyRing } from './key-ring.ts';

/** The authority set in force, as the services of one authority see it. */
export interface Era {
  /** Its newest set is the one in force. */
  readonly trust: NetworkTrust;
  /** Index of this authority in that set; undefined when it is not in it. */
  readonly me: number | undefined;
}

/** Tells the services which set is in force, and when another one is. */
export class Eras {
  readonly #listeners = new Set<() => void>();
  #current: Era;

  constructor(current: Era) {
    this.#current = current;
  }

  get current(): Era {
    return this.#current;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  begin(era: Era): void {
    this.#current = era;
    for (const listener of this.#listeners) listener();
  }
}

/** The era of `trust` for whoever holds these keys: a member is whose name stands in the set with keys that are held. */
export function eraOf(trust: NetworkTrust, ring: Pick<KeyRing, 'identity' | 'voteSeed'>): Era {
  const own = ring.identity;
  const index = indexOfAuthority(trust.current, own.name);
  const known = trust.current.authorities[index];
  const isMe =
    known !== undefined &&
    ring.voteSeed(known.voteKey) !== undefined &&
    equalBytes(known.peerKey, own.peerKey) &&
    equalBytes(known.buildKey, own.buildKey);
  return { trust, me: isMe ? index : undefined };
}

/** Indices in the set in force of those of `names` that are in it. */
export function indicesOf({ trust }: Era, names: Iterable<string>): Set<number> {
  const indices = [...names].map((name) => indexOfAuthority(trust.current, name));
  return new Set(indices.filter((index) => index >= 0));
}
