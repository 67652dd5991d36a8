import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { createUploadGate } from '@assay/core/net/upload-gate.ts';
import { maxFrameBytes, protocols } from '@assay/core/protocols.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { FsArtifactStore } from '@assay/stores/fs/fs-artifact-store.ts';
import { serveApi } from './api/serve-api.ts';
import { loadConfig, type AuthorityConfig } from './config.ts';
import { createConsensus } from './consensus/create-consensus.ts';
import { openIntake } from './intake/open-intake.ts';
import { identityLine, identityOf, loadKeys, type AuthorityKeys } from './keys.ts';
import type { AuthorityLogger } from './logger.ts';
import { createLibp2pNode } from './network/libp2p-node.ts';
import { Mesh, type MeshPeer } from './network/mesh.ts';

/** A running authority. */
export interface Authority {
  readonly name: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
  /** Ends everything in the order that loses nothing. */
  stop(): Promise<void>;
}

/** What an authority needs of the world. */
export interface AuthorityPorts {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly logger: AuthorityLogger;
}

/**
 * Starts the authority whose keys and configuration are in a folder: its libp2p node, the streams to the others, consensus, the
 * work on requests and what it serves. Throws AssayErrors that say what is wrong with the folder.
 */
export async function startAuthority(dataDir: string, ports: AuthorityPorts): Promise<Authority> {
  const { clock, logger } = ports;
  const config = await loadConfig(dataDir);
  const keys = await loadKeys(dataDir);
  const trust = await loadTrust(config.genesis);
  checkKeys(keys, config, trust);
  const libp2p = await createLibp2pNode(keys.peer, config.listen);
  const mesh = new Mesh({
    libp2p,
    me: config.index,
    peers: meshPeers(config, trust),
    clock,
    onMisbehaviour: (from, error) => logger.warn(misbehaviour(from, error, trust)),
  });
  const consensus = createConsensus({
    trust,
    me: config.index,
    keys,
    dataDir,
    transport: await mesh.channel(protocols.consensus, maxFrameBytes.consensus),
    now: () => Date.now(),
    logger,
  });
  const artifacts = new FsArtifactStore(join(dataDir, 'packs'), { clock });
  const intake = openIntake({
    config,
    keys,
    trust,
    databasePath: join(dataDir, 'intake.db'),
    artifacts,
    consensus,
    channel: await mesh.channel(protocols.attestations, maxFrameBytes.attestations),
    ports,
  });
  await serveApi({
    libp2p,
    log: consensus.logStore,
    blocks: artifacts,
    uploadGate: createUploadGate({ clock, settings: () => ({ serve: true }) }),
    desk: intake.desk,
    status: () => ({ name: config.name, ...consensus.status() }),
    clock,
  });
  await consensus.start();
  intake.start();
  await libp2p.start();
  mesh.start();
  return {
    name: config.name,
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
    async stop() {
      intake.stop();
      mesh.stop();
      await libp2p.stop();
      await consensus.stop();
      intake.close();
      await artifacts.close();
    },
  };
}

async function loadTrust(path: string): Promise<NetworkTrust> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new AssayError('E_AUTHORITY_CONFIG', { file: path, reason: cause.message }, cause);
  });
  return unwrap(trustFromGenesis(new Uint8Array(bytes)));
}

/** The keys in the folder must be those the network knows this authority by. */
function checkKeys(keys: AuthorityKeys, { index }: AuthorityConfig, { current }: NetworkTrust): void {
  const known = current.authorities[index];
  if (known === undefined || identityLine(identityOf(keys)) !== identityLine(known)) {
    throw new AssayError('E_AUTHORITY_KEYS', { index });
  }
}

function meshPeers(config: AuthorityConfig, { current }: NetworkTrust): MeshPeer[] {
  return current.authorities.map(({ peerKey }, index) => ({
    index,
    peerKey,
    addresses: config.peers.find((peer) => peer.index === index)?.addresses ?? [],
  }));
}

function misbehaviour(from: number | undefined, error: unknown, { current }: NetworkTrust): string {
  const who = from === undefined ? 'a stranger' : (current.authorities[from]?.name ?? from);
  return `a stream of ${who} was ended: ${error instanceof Error ? error.message : String(error)}`;
}
