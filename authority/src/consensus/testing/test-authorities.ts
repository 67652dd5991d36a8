import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signStatement } from '@assay/core/archive/attestation.ts';
import { mirrorAttestation } from '@assay/core/archive/statement.ts';
import { signEd25519 } from '@assay/core/crypto/ed25519.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import {
  CREATED,
  makeNetwork,
  makeProposal,
  makeTransaction,
  type TestNetwork,
} from '@assay/core/records/network.fixture.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import type { Consensus, ConsensusKeyRing, ConsensusTiming } from '../consensus.ts';
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
    this.loopback = new Loopback();
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

  nameOf(node: number): string {
    return this.network.trust.genesis.authorities[node]?.name ?? `candidate-${node}`;
  }

  /** Holds every key that was ever made in this network: which are its own is for the name to say. */
  #ring(node: number): ConsensusKeyRing {
    const seedOf = (key: Uint8Array) => {
      try {
        return this.network.seedOf(key);
      } catch {
        return undefined;
      }
    };
    const own = this.network.trust.genesis.authorities[node];
    return {
      voteSeed: seedOf,
      cosignSeed: seedOf,
      logSeed: seedOf,
      voteKeys: () => (own === undefined ? [] : [own.voteKey]),
    };
  }

  dataDir(node: number): string {
    return join(this.folder, `authority-${node}`);
  }

  async start(node: number): Promise<Consensus> {
    const name = this.nameOf(node);
    const consensus = createConsensus({
      trust: this.network.trust,
      name,
      keyRing: this.#ring(node),
      dataDir: this.dataDir(node),
      transport: this.loopback.transport(name),
      now: Date.now,
      timing: this.#timing,
    });
    this.loopback.setCut(name, false);
    await consensus.start();
    this.#running.set(node, consensus);
    return consensus;
  }

  /** Cuts an authority off and ends it. */
  async end(node: number): Promise<void> {
    this.loopback.setCut(this.nameOf(node), true);
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

  /** The same in the epoch that `trust` knows, attested by these members. */
  transactionOf(purl: string, trust: NetworkTrust, agree: readonly string[]): Uint8Array {
    const proposal = makeProposal(purl, utf8(`content of ${purl}`));
    const envelopes = agree.map((name) => {
      const authority = indexOfAuthority(trust.current, name);
      const key = trust.current.authorities[authority]?.buildKey ?? new Uint8Array(0);
      const statement = mirrorAttestation({
        trust,
        authority,
        proposal,
        upstream: 'https://registry.invalid/package.tgz',
        startedOn: CREATED + 60,
        finishedOn: CREATED + 61,
      });
      const sign = (message: Uint8Array) => signEd25519(message, this.network.seedOf(key));
      return signStatement(statement, { publicKey: key, sign });
    });
    return encodeTransaction({ v: 1, kind: 'artifact-add', proposal, agree: envelopes, dissent: [] });
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
