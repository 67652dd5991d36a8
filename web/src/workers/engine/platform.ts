import type { Clock } from '@assay/core/clock.ts';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import type { HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { PeerProcedures } from '../../lib/node/peer-procedures.ts';
import type { Caller } from '../../lib/rpc/procedures.ts';
import type { Channel } from './fleet-messages.ts';

/** Hears of a stream of server-sent events: of each connection, of the data of each event, of each loss. */
export interface EventListeners {
  readonly onOpen: () => void;
  readonly onEvent: (data: string) => void;
  readonly onLost: () => void;
}

/** What the engine uses of the browser and of the window beside it. */
export interface EnginePlatform {
  /** Of the page. */
  readonly origin: string;
  /** Unique among the tabs of the origin. */
  readonly tabId: string;
  readonly clock: Clock;
  readonly http: HttpPorts;
  readonly crypto: Crypto;
  readonly verifySignature: VerifyEd25519Async;
  readonly locks: Pick<LockManager, 'request'>;
  readonly storage: StorageManager;
  /** Carries messages between the tabs of the origin. */
  readonly channel: Channel;
  /** The libp2p node, in the window. */
  readonly peers: Caller<PeerProcedures>;
  /** Listens to server-sent events, reconnecting whenever the connection is lost. */
  openEvents(url: string, listeners: EventListeners): void;
  /** Calls back whenever the browser says that it is online again, or not any more. */
  onConnectivity(listener: () => void): void;
}
