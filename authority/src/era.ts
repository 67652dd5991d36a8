import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { AuthorityIdentity, NetworkTrust } from '@assay/core/records/types.ts';

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

/** The era of `trust` for the authority with this identity: a member is whom the set knows by its very name and lasting keys. */
export function eraOf(trust: NetworkTrust, own: AuthorityIdentity): Era {
  const index = indexOfAuthority(trust.current, own.name);
  const known = trust.current.authorities[index];
  const isMe =
    known !== undefined && equalBytes(known.peerKey, own.peerKey) && equalBytes(known.buildKey, own.buildKey);
  return { trust, me: isMe ? index : undefined };
}

/** Indices in the set in force of those of `names` that are in it. */
export function indicesOf({ trust }: Era, names: Iterable<string>): Set<number> {
  const indices = [...names].map((name) => indexOfAuthority(trust.current, name));
  return new Set(indices.filter((index) => index >= 0));
}
