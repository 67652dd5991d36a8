import { createClock } from '@assay/core/clock.ts';
import { createWebCryptoVerifier } from '@assay/core/crypto/ed25519-webcrypto.ts';
import type { EngineProcedures } from '../lib/node/engine-procedures.ts';
import type { PeerProcedures } from '../lib/node/peer-procedures.ts';
import { PortCaller } from '../lib/rpc/caller.ts';
import { portOf } from '../lib/rpc/procedures.ts';
import { serve } from '../lib/rpc/serve.ts';
import { engineHandlers } from './engine/engine-handlers.ts';
import { openEvents } from './engine/event-stream.ts';
import { HTTP_TIMEOUT_MS } from '@assay/stores/idb/network-access.ts';
import { TabEngine } from './engine/tab-engine.ts';

/** The first message from the page: one port on which it calls the engine, one on which the engine calls it. */
export interface EnginePorts {
  readonly engine: MessagePort;
  readonly peers: MessagePort;
}

addEventListener('message', ({ data }: MessageEvent<EnginePorts>) => void start(data), { once: true });

async function start({ engine: port, peers }: EnginePorts): Promise<void> {
  const clock = createClock(globalThis);
  const platform = {
    origin: location.origin,
    tabId: crypto.randomUUID(),
    clock,
    http: { fetch: fetch.bind(globalThis), clock, timeoutMs: HTTP_TIMEOUT_MS },
    crypto,
    verifySignature: await createWebCryptoVerifier(crypto.subtle),
    locks: navigator.locks,
    storage: navigator.storage,
    channel: new BroadcastChannel('assay-tabs'),
    peers: new PortCaller<PeerProcedures>(portOf(peers)),
    openEvents,
    onOnline: (listener: () => void) => addEventListener('online', listener),
  };
  const engine = new TabEngine(platform);
  serve<EngineProcedures>(portOf(port), engineHandlers(engine, platform));
  await engine.start();
}
