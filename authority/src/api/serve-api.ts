import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import type { Clock } from '@assay/core/clock.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import { serveBlocks, type BlockLookup } from '@assay/core/net/block-protocol.ts';
import { serveLog } from '@assay/core/net/log-protocol.ts';
import { serveLookups } from '@assay/core/net/lookup-protocol.ts';
import { serveRequests, type RequestDesk } from '@assay/core/net/request-protocol.ts';
import { serveStatus, type AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import type { UploadGate } from '@assay/core/net/upload-gate.ts';
import { protocols } from '@assay/core/protocols.ts';

export interface ApiOptions {
  readonly libp2p: Libp2p;
  readonly log: LogStore;
  readonly lookups: () => LookupView | undefined;
  readonly blocks: BlockLookup;
  readonly uploadGate: UploadGate;
  readonly desk: RequestDesk;
  readonly status: () => AuthorityStatus;
  readonly clock: Clock;
}

/** Streams one connection may have open of each protocol: a relay follows one request per page that waits. */
const MAX_STREAMS = { log: 64, lookup: 64, blocks: 64, request: 256, status: 8 } as const;

/** Answers relays and everybody else: log, blocks, requests and status. What is broken ends its own stream only. */
export async function serveApi(options: ApiOptions): Promise<void> {
  const { libp2p, clock, desk, status } = options;
  const handle = (
    protocol: keyof typeof MAX_STREAMS,
    serve: (stream: Stream, connection: Connection) => Promise<void>,
  ): Promise<void> => libp2p.handle(protocols[protocol], serve, { maxInboundStreams: MAX_STREAMS[protocol] });

  await handle('log', (stream) => serveLog(stream, { store: options.log, clock }));
  await handle('lookup', (stream) => serveLookups(stream, { view: options.lookups, clock }));
  await handle('blocks', (stream) =>
    serveBlocks(stream, { store: options.blocks, gate: options.uploadGate, clock }),
  );
  await handle('request', (stream, { remotePeer }) =>
    serveRequests(stream, { desk, peerId: remotePeer.toString(), clock }),
  );
  await handle('status', (stream) => serveStatus(stream, { status, clock }));
}
