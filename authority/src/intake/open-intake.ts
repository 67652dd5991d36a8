import type { Clock } from '@assay/core/clock.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import type { ArtifactStore } from '@assay/core/swarm/block-store.ts';
import { Exchange } from '../agreement/exchange.ts';
import { Jobs } from '../agreement/jobs.ts';
import { createNpmMirror } from '../builds/npm-mirror.ts';
import { createNpmRegistry } from '../builds/npm-registry.ts';
import { createBuilder } from '../builds/own-answer.ts';
import type { AuthorityConfig } from '../config.ts';
import type { Consensus } from '../consensus/consensus.ts';
import type { Eras } from '../era.ts';
import type { AuthorityLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import { IntakeStore } from './intake-store.ts';
import { Desk } from './request-desk.ts';
import { RequestGate } from './request-gate.ts';

/** All that takes part in answering requests, from the desk to the transaction. */
export interface Intake {
  readonly desk: RequestDesk;
  /** Consensus must have started. */
  start(): void;
  stop(): void;
  /** Closes the database; to be called when nobody can ask any more. */
  close(): void;
}

/** Wires the work on requests of one authority together; nothing happens before `start`. */
export function openIntake(options: {
  readonly config: Pick<AuthorityConfig, 'limits' | 'npmRegistry'>;
  /** Seed of the build key, 32 bytes. */
  readonly buildSeed: Uint8Array;
  readonly eras: Eras;
  readonly databasePath: string;
  readonly artifacts: ArtifactStore;
  readonly consensus: Pick<Consensus, 'submit' | 'find' | 'onFinal'>;
  readonly channel: MeshChannel;
  readonly ports: { readonly clock: Clock; readonly fetch: typeof fetch; readonly logger: AuthorityLogger };
}): Intake {
  const { config, eras, buildSeed, artifacts: store, consensus, channel } = options;
  const { clock, fetch, logger } = options.ports;
  const { limits } = config;
  const { networkId, current } = eras.current.trust;
  const { maxArtifactBytes } = current.limits;
  const intakeStore = new IntakeStore(options.databasePath);
  const registry = createNpmRegistry({
    baseUrl: config.npmRegistry,
    fetch,
    clock,
    retryDelayMs: limits.retryDelayMs,
  });
  // Shorter than the others wait, so that a slow registry is an answer and not a silence.
  const timeoutMs = (3 / 4) * limits.answerTimeoutMs;
  const mirror = createNpmMirror({ registry, store, maxArtifactBytes });
  const jobs = new Jobs({
    eras,
    store: intakeStore,
    builder: createBuilder({ mirror, eras, buildSeed, clock, timeoutMs }),
    consensus,
    limits,
    clock,
    logger,
    connected: () => channel.connected(),
    onNews: (job) => exchange.tell(job),
  });
  const gate = new RequestGate({ networkId, limits, clock });
  const exchange = new Exchange({ eras, channel, jobs, store: intakeStore, gate, clock, logger });
  const desk = new Desk({
    gate,
    store: intakeStore,
    jobs,
    registry,
    eras,
    clock,
    lookupTimeoutMs: timeoutMs,
  });
  return {
    desk,
    start() {
      exchange.start();
      jobs.start();
      desk.start();
    },
    stop() {
      desk.stop();
      exchange.stop();
      jobs.stop();
    },
    close: () => intakeStore.close(),
  };
}
