import { createClock } from '@assay/core/clock.ts';
import { createWebCryptoVerifier } from '@assay/core/crypto/ed25519-webcrypto.ts';
import { HTTP_TIMEOUT_MS } from '@assay/stores/idb/network-access.ts';
import type { PeerProcedures } from '../../lib/node/peer-procedures.ts';
import { PortCaller } from '../../lib/rpc/caller.ts';
import { portOf } from '../../lib/rpc/procedures.ts';
import { openEvents } from './event-stream.ts';
import type { EnginePlatform } from './platform.ts';

/** Name of the channel between the tabs of an origin. */
const TABS = 'assay-tabs';

/** The platform of a worker in a browser. `peers` leads to the window that runs the libp2p node. */
export async function browserPlatform(peers: MessagePort): Promise<EnginePlatform> {
  const clock = createClock(globalThis);
  return {
    origin: location.origin,
    tabId: crypto.randomUUID(),
    clock,
    http: { fetch: fetch.bind(globalThis), clock, timeoutMs: HTTP_TIMEOUT_MS },
    crypto,
    verifySignature: await createWebCryptoVerifier(crypto.subtle),
    locks: navigator.locks,
    storage: navigator.storage,
    channel: new BroadcastChannel(TABS),
    peers: new PortCaller<PeerProcedures>(portOf(peers)),
    openEvents,
    onConnectivity(listener) {
      addEventListener('online', listener);
      addEventListener('offline', listener);
    },
  };
}
