import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import {
  makeNetwork,
  makeProposal,
  makeTransaction,
  type TestNetwork,
} from '@assay/core/records/network.fixture.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import type { Consensus, ConsensusTiming } from '../consensus.ts';
import { createConsensus } from '../create-consensus.ts';
import { Loopback } from './loopback.ts';

const QUICK: ConsensusTiming = { delta: 60, heartbeat: 3_600_000, idleTick: 2_000 };

/** Authorities with real keys, databases and files, in one process and a temporary folder. */
export class TestAuthorities {
  readonly network: TestNetwork;
  readonly loopback: Loopback;
  readonly folder: string;
  readonly #timing: ConsensusTiming;
  readonly #running = new Map<number, Consensus>();

  private constructor(count: number, folder: string, timing: Partial<ConsensusTiming>) {
    this.network = makeNetwork(count);
    this.loopback = new Loopback(count);
    this.folder = folder;
    this.#timing = { ...QUICK, ...timing };
  }

  /** A network of `count`, of which `running` are started. */
  static async make(
    count: number,
    { running = count, timing = {} }: { running?: number; timing?: Partial<ConsensusTiming> } = {},
  ): Promise<TestAuthorities> {
    const made = new TestAuthorities(count, await mkdtemp(join(tmpdir(), 'assay-consensus-')), timing);
    for (let node = 0; node < running; node++) await made.start(node);
    return made;
  }

  get running(): Consensus[] {
    return [...this.#running.values()];
  }

  /** A running authority. */
  at(node: number): Consensus {
    const consensus = this.#running.get(node);
    if (consensus === undefined) throw new RangeError(`authority ${node} does not run`);
    return consensus;
  }

  dataDir(node: number): string {
    return join(this.folder, `authority-${node}`);
  }

  async start(node: number): Promise<Consensus> {
    const seed = (job: 'vote' | 'cosign' | 'log') => this.network.seed(node, job);
    const consensus = createConsensus({
      trust: this.network.trust,
      me: node,
      keys: { vote: seed('vote'), cosign: seed('cosign'), log: seed('log') },
      dataDir: this.dataDir(node),
      transport: this.loopback.transport(node),
      now: Date.now,
      timing: this.#timing,
    });
    this.loopback.setCut(node, false);
    await consensus.start();
    this.#running.set(node, consensus);
    return consensus;
  }

  /** Cuts an authority off and ends it. */
  async end(node: number): Promise<void> {
    this.loopback.setCut(node, true);
    await this.#running.get(node)?.stop();
    this.#running.delete(node);
  }

  async dispose(): Promise<void> {
    for (const node of this.#running.keys()) await this.end(node);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** An encoded transaction that adds a package version, attested by the first q authorities. */
  transaction(purl: string, agree: readonly number[] = [0, 1, 2]): Uint8Array {
    return encodeTransaction(
      makeTransaction(this.network, makeProposal(purl, utf8(`content of ${purl}`)), agree),
    );
  }
}

/** Waits until `isSo`, looking every few milliseconds. Rejects after `limit` milliseconds. */
export async function until(isSo: () => boolean, limit = 10_000): Promise<void> {
  const end = Date.now() + limit;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not so after ${limit} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
