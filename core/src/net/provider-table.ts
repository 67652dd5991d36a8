import { toHex } from '../encoding/hex.ts';

/** Someone who says that it holds an artifact. */
export interface Provider {
  readonly peerId: string;
  /** Multiaddrs as text. */
  readonly addresses: readonly string[];
}

export interface ProviderTableLimits {
  /** An announcement is forgotten after this many seconds; announce again before. */
  readonly ttlSeconds: number;
  readonly maxPeers: number;
  readonly maxRootsPerPeer: number;
  readonly maxProvidersPerRoot: number;
}

/** About 60 MB at the very worst: 2,000 peers × 500 roots × 60 bytes. */
export const defaultProviderLimits: ProviderTableLimits = {
  ttlSeconds: 30 * 60,
  maxPeers: 2_000,
  maxRootsPerPeer: 500,
  maxProvidersPerRoot: 32,
};

interface Announcer {
  addresses: readonly string[];
  readonly roots: Map<string, number>;
}

/** Who has what, as told by themselves. Bounded, forgets by time, believes nobody about anybody else. */
export class ProviderTable {
  readonly #limits: ProviderTableLimits;
  readonly #now: () => number;
  /** In the order of the last announcement, oldest first. */
  readonly #announcers = new Map<string, Announcer>();
  readonly #providers = new Map<string, Set<string>>();

  /** `now` gives unix seconds. */
  constructor(now: () => number, limits: ProviderTableLimits = defaultProviderLimits) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Notes that a peer holds these artifacts; gives how many of them were noted. */
  announce(peerId: string, addresses: readonly string[], roots: readonly Uint8Array[]): number {
    const announcer = this.#announcers.get(peerId) ?? { addresses, roots: new Map<string, number>() };
    announcer.addresses = addresses;
    this.#announcers.delete(peerId);
    this.#announcers.set(peerId, announcer);
    this.#makeRoom();
    let noted = 0;
    for (const root of roots.map(toHex)) {
      if (!announcer.roots.has(root) && announcer.roots.size >= this.#limits.maxRootsPerPeer) continue;
      announcer.roots.set(root, this.#now() + this.#limits.ttlSeconds);
      const holders = this.#providers.get(root) ?? new Set<string>();
      holders.delete(peerId);
      holders.add(peerId);
      this.#providers.set(root, holders);
      noted++;
    }
    return noted;
  }

  /** Forgets that a peer holds these artifacts. */
  withdraw(peerId: string, roots: readonly Uint8Array[]): void {
    for (const root of roots) this.#forget(peerId, toHex(root));
  }

  /** Forgets a peer, because it went away. */
  removePeer(peerId: string): void {
    for (const root of this.#announcers.get(peerId)?.roots.keys() ?? []) this.#unlist(root, peerId);
    this.#announcers.delete(peerId);
  }

  /** Those who hold an artifact, last announced first, without the asker. */
  lookup(root: Uint8Array, asker?: string): Provider[] {
    const key = toHex(root);
    const found: Provider[] = [];
    for (const peerId of [...(this.#providers.get(key) ?? [])].toReversed()) {
      const announcer = this.#announcers.get(peerId);
      const expires = announcer?.roots.get(key) ?? 0;
      if (announcer === undefined || expires <= this.#now()) {
        this.#forget(peerId, key);
      } else if (peerId !== asker && found.length < this.#limits.maxProvidersPerRoot) {
        found.push({ peerId, addresses: announcer.addresses });
      }
    }
    return found;
  }

  /** Drops what has expired. To be called now and then. */
  sweep(): void {
    for (const [peerId, { roots }] of this.#announcers) {
      for (const [root, expires] of roots) if (expires <= this.#now()) this.#forget(peerId, root);
    }
  }

  get size(): { peers: number; roots: number } {
    return { peers: this.#announcers.size, roots: this.#providers.size };
  }

  #makeRoom(): void {
    for (const oldest of this.#announcers.keys()) {
      if (this.#announcers.size <= this.#limits.maxPeers) return;
      this.removePeer(oldest);
    }
  }

  #forget(peerId: string, root: string): void {
    const announcer = this.#announcers.get(peerId);
    announcer?.roots.delete(root);
    if (announcer?.roots.size === 0) this.#announcers.delete(peerId);
    this.#unlist(root, peerId);
  }

  #unlist(root: string, peerId: string): void {
    const holders = this.#providers.get(root);
    holders?.delete(peerId);
    if (holders?.size === 0) this.#providers.delete(root);
  }
}
