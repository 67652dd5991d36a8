import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { ProviderTable } from '@assay/core/net/provider-table.ts';
import { checkpointTopic } from '@assay/core/protocols.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { openFsStores } from '@assay/stores/fs/open-fs-stores.ts';
import { networkDocument, statusDocument } from './documents.ts';
import { StreamCounter } from './http/event-stream.ts';
import { startHttpServer } from './http/http-server.ts';
import type { CheckpointEvent } from './http/json-routes.ts';
import { LatestValue } from './http/latest-value.ts';
import { createRelayApp } from './http/relay-app.ts';
import { contentSecurityPolicy, securityHeaders } from './http/security-headers.ts';
import type { Log } from './logger.ts';
import { AuthorityStatuses } from './mirror/authority-statuses.ts';
import { Mirror, verifySignature } from './mirror/mirror.ts';
import { AuthorityDesk } from './network/authority-desk.ts';
import { AuthorityLink, peerIdOf } from './network/authority-link.ts';
import { CheckpointGossip } from './network/checkpoint-gossip.ts';
import { startLibp2pNode } from './network/libp2p-node.ts';
import { servePeers } from './network/peer-services.ts';
import { webSocketOrigin } from './network/public-addresses.ts';
import { loadCertificate } from './settings/certificate.ts';
import { loadIdentity } from './settings/identity.ts';
import { choosePorts, DEFAULT_HOST } from './settings/ports.ts';
import type { RelayConfig } from './settings/relay-config.ts';
import { startStunServer } from './stun/stun-server.ts';

/** How long answers under way may take when the relay is told to stop. */
const STOP_GRACE_MS = 1_000;

export interface RelayOptions {
  readonly dataDir: string;
  readonly config: RelayConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** A running relay. */
export interface Relay {
  readonly http: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts everything a relay is: a libp2p node that others meet at, a verified mirror of the log and its artifacts, STUN, and the
 * HTTP server. Does not wait for any authority. Rejects when the genesis record cannot be used or a port cannot be had.
 */
export async function startRelay({ dataDir, config, clock, log }: RelayOptions): Promise<Relay> {
  const closing: (() => Promise<unknown> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    return { ...(await start(dataDir, config, clock, log, closing)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  dataDir: string,
  config: RelayConfig,
  clock: Clock,
  log: Log,
  closing: (() => Promise<unknown> | void)[],
): Promise<Omit<Relay, 'stop'>> {
  const trust = await loadTrust(config.genesis);
  const topic = checkpointTopic(trust.networkId);
  const ports = await choosePorts(dataDir, config);
  const host = config.listen?.host ?? DEFAULT_HOST;
  const startedAt = clock.elapsed();

  const stun = await startStunServer({
    host,
    port: ports.stun,
    elapsed: () => clock.elapsed(),
    onError: (error) => log(`STUN: ${error.message}`),
  });
  closing.push(() => stun.stop());

  const libp2p = await startLibp2pNode({
    privateKey: await loadIdentity(dataDir),
    certificate: await loadCertificate(dataDir, clock.now()),
    host,
    ports,
    announce: config.announce ?? [],
    topic,
    authorities: new Set(trust.genesis.authorities.map(({ peerKey }) => peerIdOf(peerKey).toString())),
  });
  closing.push(() => libp2p.stop());

  const { quotaBytes } = config;
  const stores = openFsStores(join(dataDir, toHex(trust.networkId).slice(0, FOLDER_DIGITS)), {
    clock,
    quotaBytes: () => quotaBytes,
  });
  closing.push(() => stores.close());

  const links = config.authorities.map(
    (authority) => new AuthorityLink(libp2p, { ...authority, peerKey: peerKeyOf(trust, authority) }, clock),
  );
  const checkpoints = new LatestValue<CheckpointEvent>();
  const mirror = await Mirror.open({
    trust,
    stores,
    links,
    clock,
    log,
    onCheckpoint({ size, freshAsOf, bytes }) {
      checkpoints.set({ size, freshAsOf });
      void gossip.announce(bytes);
    },
  });
  const gossip = new CheckpointGossip({
    libp2p,
    trust,
    topic,
    verifySignature,
    size: () => mirror.node.state.size,
    onNewer: () => mirror.nudge(),
  });
  const desk = new AuthorityDesk(links);
  const providers = new ProviderTable(() => clock.now());
  await servePeers({ libp2p, log: stores.log, artifacts: stores.artifacts, providers, desk, clock });
  mirror.start();
  closing.push(() => mirror.stop());

  const counter = new StreamCounter();
  const statuses = new AuthorityStatuses(links, clock);
  const webSockets = libp2p.getMultiaddrs().flatMap((address) => webSocketOrigin(address) ?? []);
  const headers = securityHeaders(contentSecurityPolicy([...new Set(webSockets), ...(config.mirrors ?? [])]));
  const app = createRelayApp({
    log: stores.log,
    packs: stores.artifacts,
    findBlock: (reference) => mirror.blocks.find(reference),
    desk,
    checkpoints,
    network: (base) => networkDocument(base, { trust, libp2p, config, stun: { host, port: stun.port } }),
    status: async () =>
      statusDocument({
        libp2p,
        mirror,
        counter,
        authorities: await statuses.reports(),
        uptime: Math.floor((clock.elapsed() - startedAt) / 1000),
      }),
    web: config.web,
    counter,
    clock,
    headers,
    onFailure: (error, { method, path }) => log(`${method} ${path} failed: ${String(error)}`),
  });
  const http = await startHttpServer({
    host: config.http.host,
    port: ports.http,
    names: config.names ?? [],
    headers,
    app,
    elapsed: () => clock.elapsed(),
  });
  closing.push(() => http.stop(STOP_GRACE_MS));
  return {
    http: `http://${config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host}:${http.port}`,
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
  };
}

/** Digits of the network id that name its folder: another network begins another one. */
const FOLDER_DIGITS = 16;

async function loadTrust(path: string): Promise<NetworkTrust> {
  try {
    const trust = trustFromGenesis(new Uint8Array(await readFile(path)));
    if (trust.ok) return trust.value;
    throw trust.error;
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new AssayError('E_RELAY_CONFIG', { path, reason }, cause);
  }
}

function peerKeyOf(trust: NetworkTrust, { index, name }: { index: number; name: string }): Uint8Array {
  const authority = trust.genesis.authorities[index];
  if (authority?.name === name) return authority.peerKey;
  const reason = `the genesis record has no authority ${index} named ${name}`;
  throw new AssayError('E_RELAY_CONFIG', { path: 'authorities', reason });
}
