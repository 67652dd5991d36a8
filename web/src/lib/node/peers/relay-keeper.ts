import { multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '@assay/core/clock.ts';
import type { RelayDescription } from '@assay/core/net/network-description.ts';
import type { TabLibp2p } from './libp2p-node.ts';

/** How often lost relays are looked for. */
const CHECK_MS = 5_000;
const DIAL_MS = 10_000;
/** Whoever needs a relay waits for one this long after the node was started or lost it, looking this often. */
const PATIENCE_MS = 8_000;
const LOOK_MS = 100;
/** A relay that is connected has given a slot after this long, or never will. */
const SLOT_MS = 20_000;

/** Keeps connections to the relays. */
export class RelayKeeper {
  readonly #libp2p: TabLibp2p;
  readonly #relays: readonly RelayDescription[];
  readonly #clock: Clock;

  constructor(libp2p: TabLibp2p, relays: readonly RelayDescription[], clock: Clock) {
    this.#libp2p = libp2p;
    this.#relays = relays;
    this.#clock = clock;
  }

  /** Peer ids of the relays there is a connection to. */
  get connected(): readonly string[] {
    const peers = new Set(this.#libp2p.getPeers().map(String));
    return this.#relays.map(({ peerId }) => peerId).filter((id) => peers.has(id));
  }

  /** Addresses under which other tabs can call this one. */
  get ownAddresses(): readonly string[] {
    return this.#libp2p
      .getMultiaddrs()
      .map(String)
      .filter((address) => address.includes('/p2p-circuit/webrtc'));
  }

  /** Resolves when there is a connection to a relay, or when there will hardly be one. Never rejects. */
  async untilConnected(signal: AbortSignal): Promise<void> {
    const until = this.#clock.elapsed() + PATIENCE_MS;
    while (this.connected.length === 0 && this.#relays.length > 0 && this.#clock.elapsed() < until) {
      if (signal.aborted) return;
      await this.#clock.sleep(LOOK_MS, signal);
    }
  }

  /**
   * Dials relays until the signal fires. Resolves earlier when a relay came back and still nobody can call this tab: then the
   * node has to be made anew.
   */
  async keep(signal: AbortSignal): Promise<void> {
    let slotMissingSince: number | undefined;
    while (!signal.aborted) {
      const missing = this.#relays.filter(({ peerId }) => !this.connected.includes(peerId));
      await Promise.all(missing.map((relay) => this.#dial(relay, signal)));
      const now = this.#clock.elapsed();
      const isUnreachable = this.connected.length > 0 && this.ownAddresses.length === 0;
      slotMissingSince = isUnreachable ? (slotMissingSince ?? now) : undefined;
      if (slotMissingSince !== undefined && now - slotMissingSince > SLOT_MS) return;
      await this.#clock.sleep(CHECK_MS, signal);
    }
  }

  async #dial({ addresses }: RelayDescription, signal: AbortSignal): Promise<void> {
    const dialable = addresses.filter((address) => /\/(?:wss?|webrtc-direct)(?:\/|$)/.test(address));
    try {
      await this.#libp2p.dial(
        dialable.map((address) => multiaddr(address)),
        {
          signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]),
        },
      );
    } catch {
      // It is tried again soon; meanwhile mirrors and connected tabs serve.
    }
  }
}
