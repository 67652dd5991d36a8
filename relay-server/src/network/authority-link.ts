import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '@assay/core/clock.ts';
import { createBlockClient } from '@assay/core/net/block-protocol.ts';
import type { OpenStream } from '@assay/core/net/frame-client.ts';
import { createLogClient } from '@assay/core/net/log-protocol.ts';
import { createRequestClient } from '@assay/core/net/request-protocol.ts';
import type { LogSource, PeerSource, RequestClient } from '@assay/core/net/sources.ts';
import { createStatusClient, type AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import { protocols } from '@assay/core/protocols.ts';

/** How one authority is found. */
export interface AuthorityAddress {
  readonly index: number;
  readonly name: string;
  /** 32-byte ed25519 key of its libp2p identity, from the genesis record or the one it was added by. */
  readonly peerKey: Uint8Array;
  /** Multiaddrs, with or without its peer id. */
  readonly addresses: readonly string[];
}

/** Everything the relay asks of one authority. Connects when first asked and again whenever the connection is lost. */
export class AuthorityLink {
  /** In the newest set; changes with it. */
  index: number;
  readonly name: string;
  readonly peerId: PeerId;
  /** Multiaddrs it is dialled at. */
  readonly addresses: readonly string[];
  readonly log: LogSource;
  readonly blocks: PeerSource;
  readonly requests: RequestClient;
  readonly #libp2p: Libp2p;
  readonly #addresses: readonly Multiaddr[];
  readonly #status: { status(signal?: AbortSignal): Promise<AuthorityStatus> };
  #lastSeen: number | undefined;
  #reachable = false;

  constructor(libp2p: Libp2p, { index, name, peerKey, addresses }: AuthorityAddress, clock: Clock) {
    this.index = index;
    this.name = name;
    this.peerId = peerIdOf(peerKey);
    this.addresses = addresses;
    this.#libp2p = libp2p;
    this.#addresses = addresses.map((address) => named(multiaddr(address), this.peerId));
    const id = this.peerId.toString();
    this.log = createLogClient({ id: name, open: this.#opener(protocols.log), clock });
    this.blocks = createBlockClient({
      id,
      label: name,
      transport: 'tcp',
      open: this.#opener(protocols.blocks),
      clock,
    });
    this.requests = createRequestClient({ id: name, open: this.#opener(protocols.request), clock });
    this.#status = createStatusClient({ open: this.#opener(protocols.status), clock });
  }

  /** Unix seconds of its last answer. */
  get lastSeen(): number | undefined {
    return this.#lastSeen;
  }

  /** Whether it answered when it was last asked. */
  get reachable(): boolean {
    return this.#reachable;
  }

  /** Notes an answer. */
  heard(now: number): void {
    this.#lastSeen = now;
    this.#reachable = true;
  }

  /** Notes that there was none. */
  lost(): void {
    this.#reachable = false;
  }

  /** What the authority says of itself. Rejects with an AssayError. */
  status(signal?: AbortSignal): Promise<AuthorityStatus> {
    return this.#status.status(signal);
  }

  #opener(protocol: string): OpenStream {
    return async (signal) => {
      const open = this.#libp2p.getConnections(this.peerId).find(({ status }) => status === 'open');
      const connection = open ?? (await this.#libp2p.dial([...this.#addresses], { signal }));
      try {
        return await connection.newStream(protocol, { signal });
      } catch (error) {
        // A connection whose other end is gone without a word would be found again at every try.
        if (signal.aborted) connection.abort(new Error('No answer on this connection'));
        throw error;
      }
    };
  }
}

/** The libp2p peer id that belongs to an ed25519 public key. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey));
}

function named(address: Multiaddr, peerId: PeerId): Multiaddr {
  const hasPeer = address.getComponents().some(({ name }) => name === 'p2p');
  return hasPeer ? address : address.encapsulate(`/p2p/${peerId.toString()}`);
}
