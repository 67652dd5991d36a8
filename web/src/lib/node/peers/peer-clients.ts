import { peerIdFromString } from '@libp2p/peer-id';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { createBlockClient } from '@assay/core/net/block-protocol.ts';
import type { OpenStream } from '@assay/core/net/frame-client.ts';
import { createLogClient } from '@assay/core/net/log-protocol.ts';
import { createLookupClient } from '@assay/core/net/lookup-protocol.ts';
import { createProviderClient, type ProviderClient } from '@assay/core/net/provider-protocol.ts';
import type { LogSource, PeerSource } from '@assay/core/net/sources.ts';
import { protocols } from '@assay/core/protocols.ts';
import type { TabLibp2p } from './libp2p-node.ts';
import { isDirect, shortPeerId } from './peer-views.ts';

/** The clients of our protocols towards connected peers, kept for as long as those are connected: they reuse streams. */
export class PeerClients {
  readonly #libp2p: TabLibp2p;
  readonly #clock: Clock;
  readonly #blocks = new Map<string, PeerSource>();
  readonly #logs = new Map<string, LogSource>();
  readonly #providers = new Map<string, ProviderClient>();

  constructor(libp2p: TabLibp2p, clock: Clock) {
    this.#libp2p = libp2p;
    this.#clock = clock;
  }

  blocks(peer: string): PeerSource {
    const open = this.#opener(peer, protocols.blocks);
    const label = shortPeerId(peer);
    return remembered(this.#blocks, peer, () =>
      createBlockClient({ id: peer, label, open, clock: this.#clock }),
    );
  }

  log(peer: string): LogSource {
    const clock = this.#clock;
    return remembered(this.#logs, peer, () => ({
      ...createLogClient({ id: peer, open: this.#opener(peer, protocols.log), clock }),
      lookup: createLookupClient({ open: this.#opener(peer, protocols.lookup), clock }),
    }));
  }

  providers(relay: string): ProviderClient {
    const open = this.#opener(relay, protocols.providers);
    return remembered(this.#providers, relay, () =>
      createProviderClient({ id: relay, open, clock: this.#clock }),
    );
  }

  /** The peer is not connected any more. */
  forget(peer: string): void {
    for (const clients of [this.#blocks, this.#logs, this.#providers]) clients.delete(peer);
  }

  /** Nothing of ours runs through a relay: that is for signalling alone. */
  #opener(peer: string, protocol: string): OpenStream {
    return async (signal) => {
      const connection = this.#libp2p.getConnections(peerIdFromString(peer)).find(isDirect);
      if (connection === undefined) throw new AssayError('E_UNREACHABLE');
      return await connection.newStream(protocol, { signal });
    };
  }
}

/** The value of a key, made when it is asked for first. */
export function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
