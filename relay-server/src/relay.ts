import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { ProviderTable } from '@assay/core/net/provider-table.ts';
import { checkpointTopic } from '@assay/core/protocols.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { lockFolder } from '@assay/stores/fs/folder-lock.ts';
import { openFsStores, type FsStores } from '@assay/stores/fs/open-fs-stores.ts';
import { networkDocument, statusDocument } from './documents.ts';
import { StreamCounter } from './http/event-stream.ts';
import { startHttpServer, type HttpServer } from './http/http-server.ts';
import type { CheckpointEvent } from './http/json-routes.ts';
import { LatestValue } from './http/latest-value.ts';
import { createRelayApp } from './http/relay-app.ts';
import { contentSecurityPolicy, securityHeaders } from './http/security-headers.ts';
import type { Log } from './logger.ts';
import { AuthorityStatuses } from './mirror/authority-statuses.ts';
import { Mirror, verifySignature } from './mirror/mirror.ts';
import { AuthorityDesk } from './network/authority-desk.ts';
import { AuthorityDirectory } from './network/authority-directory.ts';
import type { AuthorityLink } from './network/authority-link.ts';
import { CheckpointGossip } from './network/checkpoint-gossip.ts';
import { startLibp2pNode, type RelayLibp2p } from './network/libp2p-node.ts';
import { servePeers } from './network/peer-services.ts';
import { webSocketOrigin } from './network/public-addresses.ts';
import { loadCertificate } from './settings/certificate.ts';
import { loadIdentity } from './settings/identity.ts';
import { choosePorts, DEFAULT_HOST, type Ports } from './settings/ports.ts';
import type { RelayConfig } from './settings/relay-config.ts';
import { authorityAddresses, loadTrust } from './settings/trust.ts';
import { Shutdown } from './shutdown.ts';
import { startStunServer } from './stun/stun-server.ts';

/** How long answers under way may take when the relay is told to stop. */
const STOP_GRACE_MS = 1_000;
/** Digits of the network id that name its folder: another network begins another one. */
const FOLDER_DIGITS = 16;

export interface RelayOptions {
  readonly dataDir: string;
  readonly config: RelayConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** A running relay. */
export interface Relay {
  /** Base URL. */
  readonly http: string;
  readonly peerId: string;
  /** Multiaddrs. */
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

/** What the parts of a relay are built from. */
interface Base extends RelayOptions {
  readonly trust: NetworkTrust;
  readonly ports: Ports;
  /** Where libp2p and STUN listen. */
  readonly host: string;
  readonly shutdown: Shutdown;
}

/**
 * Starts everything a relay is: a libp2p node that others meet at, STUN, a verified mirror of the log and its artifacts, and the
 * HTTP server. Does not wait for any authority. Rejects when the settings cannot be used, a port cannot be had or
 * another relay uses the folder.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { dataDir, config } = options;
  const shutdown = new Shutdown();
  try {
    const lock = await lockFolder(dataDir);
    shutdown.add(() => lock.release());
    const base: Base = {
      ...options,
      trust: await loadTrust(config.genesis),
      ports: await choosePorts(dataDir, config),
      host: config.listen?.host ?? DEFAULT_HOST,
      shutdown,
    };
    const dialable = new Set<string>();
    const libp2p = await startNetwork(base, dialable);
    const http = await startServices(base, libp2p, dialable);
    const host = config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host;
    return {
      http: `http://${host}:${http.port}`,
      peerId: libp2p.peerId.toString(),
      addresses: libp2p.getMultiaddrs().map(String),
      stop: () => shutdown.run(),
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function startNetwork(
  { dataDir, config, clock, log, trust, ports, host, shutdown }: Base,
  dialable: ReadonlySet<string>,
): Promise<RelayLibp2p> {
  const stun = await startStunServer({
    host,
    port: ports.stun,
    elapsed: () => clock.elapsed(),
    onError: (error) => log(`STUN: ${error.message}`),
  });
  shutdown.add(() => stun.stop());
  const libp2p = await startLibp2pNode({
    privateKey: await loadIdentity(dataDir),
    certificate: await loadCertificate(dataDir, clock.now()),
    host,
    ports,
    announce: config.announce ?? [],
    topic: checkpointTopic(trust.networkId),
    dialable,
  });
  shutdown.add(() => libp2p.stop());
  return libp2p;
}

async function startServices(base: Base, libp2p: RelayLibp2p, dialable: Set<string>): Promise<HttpServer> {
  const { config, clock, trust, shutdown } = base;
  const configured = authorityAddresses(trust, config);
  const directory = new AuthorityDirectory(libp2p, clock, { configured, dialable });
  const { links } = directory;
  const stores = openStores(base);
  shutdown.add(() => stores.close());
  const checkpoints = new LatestValue<CheckpointEvent>();
  const mirror = await openMirror(base, { libp2p, links, stores, checkpoints, directory });
  const desk = new AuthorityDesk(links, () => clock.elapsed());
  const providers = new ProviderTable(() => clock.now());
  await servePeers({
    libp2p,
    log: stores.log,
    lookups: () => mirror.node.lookups,
    artifacts: stores.artifacts,
    providers,
    desk,
    clock,
  });
  mirror.start();
  shutdown.add(() => mirror.stop());
  return await startHttp(base, { libp2p, links, stores, checkpoints, mirror, desk });
}

function openStores({ dataDir, config: { quotaBytes }, clock, trust }: Base): FsStores {
  const folder = join(dataDir, toHex(trust.networkId).slice(0, FOLDER_DIGITS));
  return openFsStores(folder, { clock, quotaBytes: () => quotaBytes });
}

interface MirrorParts {
  readonly libp2p: RelayLibp2p;
  readonly links: readonly AuthorityLink[];
  readonly stores: FsStores;
  readonly checkpoints: LatestValue<CheckpointEvent>;
}

async function openMirror(
  { trust, clock, log }: Base,
  parts: MirrorParts & { readonly directory: AuthorityDirectory },
): Promise<Mirror> {
  const { libp2p, links, stores, checkpoints, directory } = parts;
  const mirror = await Mirror.open({
    trust,
    stores,
    links,
    clock,
    log,
    onCheckpoint({ size, freshAsOf, bytes }) {
      checkpoints.set({ size, freshAsOf });
      void gossip.announce(bytes);
      directory
        .follow(mirror.node)
        .catch((error: unknown) => log(`cannot find new authorities: ${String(error)}`));
    },
  });
  const gossip = new CheckpointGossip({
    libp2p,
    trust: () => mirror.node.trust,
    topic: checkpointTopic(trust.networkId),
    verifySignature,
    size: () => mirror.node.state.size,
    onNewer: () => mirror.nudge(),
  });
  return mirror;
}

interface HttpParts extends MirrorParts {
  readonly mirror: Mirror;
  readonly desk: AuthorityDesk;
}

async function startHttp(base: Base, parts: HttpParts): Promise<HttpServer> {
  const { config, clock, log, ports, host, shutdown } = base;
  const { libp2p, links, stores, checkpoints, mirror, desk } = parts;
  const counter = new StreamCounter();
  const statuses = new AuthorityStatuses(links, clock);
  const startedAt = clock.elapsed();
  const webSockets = new Set(libp2p.getMultiaddrs().flatMap((address) => webSocketOrigin(address) ?? []));
  const headers = securityHeaders(contentSecurityPolicy([...webSockets, ...(config.mirrors ?? [])]));
  const app = createRelayApp({
    log: stores.log,
    lookups: () => mirror.node.lookups,
    packs: stores.artifacts,
    isComing: (root) => mirror.packs.isComing(root),
    findBlock: (reference) => mirror.blocks.find(reference),
    desk,
    checkpoints,
    network: (baseUrl) =>
      networkDocument(baseUrl, {
        trust: mirror.node.trust,
        libp2p,
        config,
        links,
        stun: { host, port: ports.stun },
      }),
    status: async () => {
      const uptime = Math.floor((clock.elapsed() - startedAt) / 1000);
      return await statusDocument({ libp2p, mirror, counter, authorities: await statuses.reports(), uptime });
    },
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
  shutdown.add(() => http.stop(STOP_GRACE_MS));
  return http;
}
