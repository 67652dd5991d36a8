import type { Clock } from '@assay/core/clock.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { ArtifactStore } from '@assay/core/swarm/block-store.ts';
import { Exchange } from '../agreement/exchange.ts';
import { Jobs } from '../agreement/jobs.ts';
import { createNpmMirror } from '../builds/npm-mirror.ts';
import { createNpmRegistry } from '../builds/npm-registry.ts';
import { createBuilder } from '../builds/own-answer.ts';
import type { AuthorityConfig } from '../config.ts';
import type { Consensus } from '../consensus/consensus.ts';
import type { AuthorityKeys } from '../keys.ts';
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
  readonly config: Pick<AuthorityConfig, 'index' | 'limits' | 'npmRegistry'>;
  readonly keys: Pick<AuthorityKeys, 'build'>;
  readonly trust: NetworkTrust;
  readonly databasePath: string;
  readonly artifacts: ArtifactStore;
  readonly consensus: Pick<Consensus, 'submit' | 'find' | 'onFinal'>;
  readonly channel: MeshChannel;
  readonly ports: { readonly clock: Clock; readonly fetch: typeof fetch; readonly logger: AuthorityLogger };
}): Intake {
  const { config, trust, artifacts: store, consensus, channel } = options;
  const { clock, fetch, logger } = options.ports;
  const { index: me, limits } = config;
  const { maxArtifactBytes } = trust.current.limits;
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
    trust,
    me,
    store: intakeStore,
    builder: createBuilder({ mirror, trust, me, buildSeed: options.keys.build, clock, timeoutMs }),
    consensus,
    limits,
    clock,
    logger,
    connected: () => channel.connected(),
    onNews: (job) => exchange.tell(job),
  });
  const gate = new RequestGate({
    networkId: trust.networkId,
    limits,
    clock,
    authorities: trust.current.authorities.length,
  });
  const exchange = new Exchange({ trust, me, channel, jobs, store: intakeStore, gate, clock, logger });
  const desk = new Desk({
    gate,
    store: intakeStore,
    jobs,
    registry,
    needed: trust.current.policy.quorum,
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
