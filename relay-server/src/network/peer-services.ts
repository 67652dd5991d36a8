import type { Connection, Stream } from '@libp2p/interface';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import { serveBlocks, type BlockLookup } from '@assay/core/net/block-protocol.ts';
import { serveLog } from '@assay/core/net/log-protocol.ts';
import { serveLookups } from '@assay/core/net/lookup-protocol.ts';
import { serveProviders } from '@assay/core/net/provider-protocol.ts';
import type { ProviderTable } from '@assay/core/net/provider-table.ts';
import { serveRequests, type RequestDesk } from '@assay/core/net/request-protocol.ts';
import { createUploadGate } from '@assay/core/net/upload-gate.ts';
import { protocols } from '@assay/core/protocols.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import type { RelayLibp2p } from './libp2p-node.ts';
import { MAX_STREAMS_PER_PEER, STREAM_LIMITS } from './limits.ts';

export interface PeerServicesOptions {
  readonly libp2p: RelayLibp2p;
  readonly log: LogStore;
  readonly lookups: () => LookupView | undefined;
  readonly artifacts: BlockLookup;
  readonly providers: ProviderTable;
  readonly desk: RequestDesk;
  readonly clock: Clock;
}

/** How often announcements that have expired are dropped. */
const SWEEP_MS = 60_000;

/** Speaks the client protocols with whoever connects. Ends with the libp2p node. */
export async function servePeers(options: PeerServicesOptions): Promise<void> {
  const { libp2p, log, lookups: view, artifacts: store, providers: table, desk, clock } = options;
  const gate = createUploadGate({ clock, settings: () => ({ serve: true }) });
  const buckets = new TokenBuckets(() => clock.elapsed());
  const serve = (
    protocol: string,
    handle: (stream: Stream, peerId: string) => Promise<void>,
  ): Promise<void> =>
    libp2p.handle(
      protocol,
      (stream: Stream, connection: Connection) => {
        const peerId = connection.remotePeer.toString();
        const wait = buckets.take(peerId, STREAM_LIMITS);
        if (wait > 0) stream.abort(new AssayError('E_REFUSED', { reason: 'too many streams' }));
        else void handle(stream, peerId);
      },
      { maxInboundStreams: MAX_STREAMS_PER_PEER },
    );
  await serve(protocols.log, (stream) => serveLog(stream, { store: log, clock }));
  await serve(protocols.lookup, (stream) => serveLookups(stream, { view, clock }));
  await serve(protocols.blocks, (stream) => serveBlocks(stream, { store, gate, clock }));
  await serve(protocols.providers, (stream, peerId) => serveProviders(stream, { table, peerId, clock }));
  await serve(protocols.request, (stream, peerId) => serveRequests(stream, { desk, peerId, clock }));
  forgetThoseWhoLeave(libp2p, table);
}

/** A peer that is not connected cannot be reached through this relay, so its announcements are worth nothing. */
function forgetThoseWhoLeave(libp2p: RelayLibp2p, table: ProviderTable): void {
  libp2p.addEventListener('peer:disconnect', ({ detail }) => table.removePeer(detail.toString()));
  const sweeping = setInterval(() => table.sweep(), SWEEP_MS);
  sweeping.unref();
  libp2p.addEventListener('stop', () => clearInterval(sweeping));
}
