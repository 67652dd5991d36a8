import type { Clock } from '@assay/core/clock.ts';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import type { HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { PeerProcedures } from '../../lib/node/peer-procedures.ts';
import type { Caller } from '../../lib/rpc/procedures.ts';
import type { Channel } from './fleet-messages.ts';

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
  /** Server-sent events; `onEvent` is given the data of each, `onOpen` told of each (re)connection. */
  openEvents(url: string, listener: { onOpen(): void; onEvent(data: string): void }): () => void;
  /** Calls back whenever the browser says that it is online again. */
  onOnline(listener: () => void): void;
}
