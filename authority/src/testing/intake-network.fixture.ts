import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@assay/core/clock.ts';
import { signEd25519 } from '@assay/core/crypto/ed25519.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { encodeSignedRequest, signRequest } from '@assay/core/net/signed-request.ts';
import { makeNetwork, type TestNetwork } from '@assay/core/records/network.fixture.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { openIntake, type Intake } from '../intake/open-intake.ts';
import { defaultLimits, type AuthorityLimits } from '../limits.ts';
import { createLogger } from '../logger.ts';
import { Channels } from './channels.fixture.ts';
import { LedgerTwin } from './consensus-twin.fixture.ts';
import type { FakeRegistry } from './fake-registry.fixture.ts';

const clock = createClock(globalThis);
const REQUESTER = new Uint8Array(32).fill(7);

/** The services of four authorities in one process, over a twin of consensus and channels without sockets. */
export class IntakeNetwork {
  readonly network: TestNetwork = makeNetwork(4);
  readonly ledger = new LedgerTwin(this.network.trust);
  readonly channels = new Channels();
  readonly stores = Array.from({ length: 4 }, () => new MemoryArtifactStore(clock));
  readonly log: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'assay-intake-'));
  readonly #running = new Map<number, { intake: Intake; leave(): void }>();
  readonly #registry: FakeRegistry;
  readonly #limits: AuthorityLimits;

  constructor(registry: FakeRegistry, limits: Partial<AuthorityLimits> = {}) {
    this.#registry = registry;
    this.#limits = { ...defaultLimits, graceMs: 10_000, answerTimeoutMs: 25_000, retryDelayMs: 5, ...limits };
  }

  /** Starts one authority; a second time it finds what it had stored. */
  start(index: number): void {
    const channel = this.channels.member(index);
    const intake = openIntake({
      config: { index, limits: this.#limits, npmRegistry: this.#registry.url(`view${index}`) },
      keys: { build: this.network.seed(index, 'build') },
      trust: this.network.trust,
      databasePath: join(this.#folder, `${index}.db`),
      artifacts: this.stores[index] ?? new MemoryArtifactStore(clock),
      consensus: this.ledger.member(),
      channel,
      ports: {
        clock,
        fetch,
        logger: createLogger((line) => this.log.push(`${index} ${line}`), clock),
      },
    });
    this.#running.set(index, { intake, leave: () => channel.leave() });
    intake.start();
    this.channels.connectAll();
  }

  startAll(): void {
    for (const index of [0, 1, 2, 3]) this.start(index);
  }

  stop(index: number): void {
    const running = this.#running.get(index);
    this.#running.delete(index);
    running?.leave();
    running?.intake.stop();
    running?.intake.close();
  }

  stopAll(): void {
    for (const index of this.#running.keys()) this.stop(index);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  desk(index: number): RequestDesk {
    const running = this.#running.get(index);
    if (running === undefined) throw new Error(`authority ${index} is not running`);
    return running.intake.desk;
  }

  async signed(purl: string, { at = clock.now(), seed = REQUESTER } = {}): Promise<Uint8Array> {
    const { networkId } = this.network.trust;
    const request = { networkId, purl, at, requester: publicKeyFromSeed(seed) };
    return encodeSignedRequest(await signRequest(request, (message) => signEd25519(message, seed)));
  }

  async request(index: number, purl: string): Promise<RequestProgress> {
    return await this.desk(index).submit(await this.signed(purl), 'test');
  }

  /** Follows a request to its end. */
  async outcome(index: number, id: string): Promise<RequestProgress> {
    for await (const progress of this.desk(index).follow(id)) if (isSettled(progress)) return progress;
    throw new Error('nothing was told any more');
  }

  async settle(index: number, purl: string): Promise<RequestProgress> {
    return await this.outcome(index, (await this.request(index, purl)).id);
  }
}
