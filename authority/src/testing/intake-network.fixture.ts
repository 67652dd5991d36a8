import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@assay/core/clock.ts';
import { signEd25519 } from '@assay/core/crypto/ed25519.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { encodeSignedRequest, signRequest } from '@assay/core/net/signed-request.ts';
import { makeAuthoritySet } from '@assay/core/records/authority-set.ts';
import { makeNetwork, type TestNetwork } from '@assay/core/records/network.fixture.ts';
import type { AuthorityIdentity, NetworkTrust } from '@assay/core/records/types.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { openIntake, type Intake } from '../intake/open-intake.ts';
import { Eras } from '../era.ts';
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
  /** Of the epoch in force. */
  trust = this.network.trust;
  readonly #folder = mkdtempSync(join(tmpdir(), 'assay-intake-'));
  readonly #running = new Map<number, { intake: Intake; eras: Eras; leave(): void }>();
  #members: readonly number[] = [0, 1, 2, 3];
  readonly #registry: FakeRegistry;
  readonly #limits: AuthorityLimits;

  constructor(registry: FakeRegistry, limits: Partial<AuthorityLimits> = {}) {
    this.#registry = registry;
    this.#limits = { ...defaultLimits, graceMs: 10_000, answerTimeoutMs: 25_000, retryDelayMs: 5, ...limits };
  }

  /** The name of an authority of the first epoch. */
  name(index: number): string {
    return this.network.trust.genesis.authorities[index]?.name ?? '';
  }

  /** Begins an epoch for all who run: its authorities are those of genesis with these indices. */
  beginEpoch(members: readonly number[]): void {
    this.trust = nextEpoch(
      this.trust,
      members.map((index) => this.network.trust.genesis.authorities[index]),
    );
    this.ledger.trust = this.trust;
    this.#members = members;
    for (const [index, { eras }] of this.#running)
      eras.begin({ trust: this.trust, me: meIn(members, index) });
  }

  /** Starts one authority; a second time it finds what it had stored. */
  start(index: number): void {
    const channel = this.channels.member(this.name(index));
    const eras = new Eras({ trust: this.trust, me: meIn(this.#members, index) });
    const intake = openIntake({
      config: { limits: this.#limits, npmRegistry: this.#registry.url(`view${index}`) },
      buildSeed: this.network.seed(index, 'build'),
      eras,
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
    this.#running.set(index, { intake, eras, leave: () => channel.leave() });
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

function meIn(members: readonly number[], index: number): number | undefined {
  const me = members.indexOf(index);
  return me < 0 ? undefined : me;
}

/** The trust of one epoch more, as if its hand-off were final. */
function nextEpoch(trust: NetworkTrust, members: readonly (AuthorityIdentity | undefined)[]): NetworkTrust {
  const { epoch, limits } = trust.current;
  const authorities = members.filter((one) => one !== undefined);
  const current = makeAuthoritySet(trust.genesis.origin, {
    epoch: epoch + 1,
    authorities,
    limits,
    since: 2 * epoch,
  });
  return { ...trust, sets: [...trust.sets, current], current };
}
