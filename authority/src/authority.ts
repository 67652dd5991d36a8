import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { ok, type Result } from '@assay/core/errors/result.ts';
import { createUploadGate } from '@assay/core/net/upload-gate.ts';
import { maxFrameBytes, protocols } from '@assay/core/protocols.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import { FsArtifactStore } from '@assay/stores/fs/fs-artifact-store.ts';
import { serveApi } from './api/serve-api.ts';
import { loadConfig, type AuthorityConfig } from './config.ts';
import { createConsensus } from './consensus/create-consensus.ts';
import { Epochs } from './epochs.ts';
import { eraOf, Eras } from './era.ts';
import { openIntake } from './intake/open-intake.ts';
import { KeyRing } from './key-ring.ts';
import { loadGenesis } from './load-genesis.ts';
import type { AuthorityLogger } from './logger.ts';
import { Membership } from './membership/membership.ts';
import { announcedAddresses, ownCandidate } from './membership/own-candidate.ts';
import { peersOf } from './membership/peers.ts';
import { createLibp2pNode } from './network/libp2p-node.ts';
import { Mesh } from './network/mesh.ts';
import { openOperatorAccess } from './operator-access.ts';

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
  const ring = await KeyRing.open(dataDir);
  if (ring.name !== config.name) throw new AssayError('E_AUTHORITY_KEYS', { name: config.name });
  const trust = await loadGenesis(config.genesis);
  const eras = new Eras(eraOf(trust, ring));
  const libp2p = await createLibp2pNode(ring.lasting.peer, config.listen);
  const mesh = new Mesh({
    libp2p,
    clock,
    onMisbehaviour: (from, error) => logger.warn(misbehaviour(from, error)),
  });
  const consensus = createConsensus({
    trust,
    name: ring.name,
    keyRing: ring,
    dataDir,
    transport: await mesh.channel(protocols.consensus, maxFrameBytes.consensus),
    now: () => Date.now(),
    logger,
  });
  // Between the end of an epoch and its hand-off there is nobody to submit to: what is open is attested anew after it.
  const submit = (transaction: Uint8Array): Result<void> =>
    consensus.set.epoch === eras.current.trust.current.epoch ? consensus.submit(transaction) : ok(undefined);
  const membership = await Membership.open({
    dataDir,
    ring,
    eras,
    channel: await mesh.channel(protocols.membership, maxFrameBytes.membership),
    submit,
    height: () => consensus.status().height,
    own: () => candidateOf(config, ring, trust.networkId),
    clock,
    logger,
    onCandidates: () => setPeers(),
  });
  const addresses = new Map<string, readonly string[]>();
  const setPeers = (): void => mesh.setPeers(peersOf(membership.book, config, addresses));
  const artifacts = new FsArtifactStore(join(dataDir, 'packs'), { clock });
  const intake = openIntake({
    config,
    buildSeed: ring.lasting.build,
    eras,
    databasePath: join(dataDir, 'intake.db'),
    artifacts,
    consensus: {
      submit,
      find: (purl) => consensus.find(purl),
      onFinal: (listener) => consensus.onFinal(listener),
    },
    channel: await mesh.channel(protocols.attestations, maxFrameBytes.attestations),
    ports,
  });
  await serveApi({
    libp2p,
    log: consensus.logStore,
    lookups: () => consensus.lookups,
    blocks: artifacts,
    uploadGate: createUploadGate({ clock, settings: () => ({ serve: true }) }),
    desk: intake.desk,
    status: () => ({ name: config.name, ...consensus.status() }),
    clock,
  });
  await consensus.start();
  const epochs = new Epochs({ ring, eras, consensus, logger, onEpoch: setPeers, addresses });
  await epochs.start();
  intake.start();
  membership.start();
  await libp2p.start();
  mesh.start();
  const admin = await openOperatorAccess(dataDir, { ring, eras, membership, consensus, mesh, clock });
  return {
    name: config.name,
    peerId: libp2p.peerId.toString(),
    addresses: libp2p.getMultiaddrs().map(String),
    async stop() {
      await admin.stop();
      await epochs.stop();
      membership.stop();
      intake.stop();
      mesh.stop();
      await libp2p.stop();
      await consensus.stop();
      intake.close();
      await artifacts.close();
    },
  };
}

/** None when its configuration does not say where others reach it; the operator is told when the candidate file is made. */
function candidateOf(config: AuthorityConfig, ring: KeyRing, networkId: Uint8Array): Candidate | undefined {
  try {
    return ownCandidate(ring.seeds, announcedAddresses(config), networkId);
  } catch (error) {
    if (isAssayError(error) && error.code === 'E_AUTHORITY_ADDRESS') return undefined;
    throw error;
  }
}

function misbehaviour(from: string | undefined, error: unknown): string {
  return `a stream of ${from ?? 'a stranger'} was ended: ${error instanceof Error ? error.message : String(error)}`;
}
