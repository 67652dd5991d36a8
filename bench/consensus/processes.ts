import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signStatement } from '@assay/core/archive/attestation.ts';
import { mirrorAttestation } from '@assay/core/archive/statement.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { CREATED, makeNetwork, makeProposal, type TestNetwork } from '@assay/core/records/network.fixture.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import type { Answer, Ask } from './protocol.ts';

const SCRIPT = new URL('authority-process.ts', import.meta.url);

/** Authorities of one network, each a process on this machine with a database and log files of its own. */
export class AuthorityProcesses {
  readonly network: TestNetwork;
  readonly #folder: string;
  readonly #children: readonly ChildProcess[];
  readonly #model = makeProposal('pkg:npm/model@1.0.0', utf8('model'));

  private constructor(folder: string, count: number) {
    this.#folder = folder;
    this.network = makeNetwork(count);
    this.#children = Array.from({ length: count }, () =>
      fork(SCRIPT, { serialization: 'advanced', execArgv: ['--expose-gc'] }),
    );
  }

  static async start(count: number): Promise<AuthorityProcesses> {
    const folder = await mkdtemp(join(tmpdir(), 'assay-bench-authorities-'));
    const made = new AuthorityProcesses(folder, count);
    await Promise.all(
      made.#children.map((_, index) => made.ask(index, { kind: 'start', folder, index, count })),
    );
    return made;
  }

  /** Asks one process, which must not be busy with another ask. */
  async ask(index: number, ask: Ask): Promise<Answer> {
    const child = this.#children[index];
    if (child === undefined) throw new RangeError(`there is no process ${index}`);
    const answered = once(child, 'message') as Promise<[Answer]>;
    child.send(ask);
    const [answer] = await answered;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  get count(): number {
    return this.#children.length;
  }

  /** A transaction that adds a version, attested by a quorum. */
  transaction(purl: string): Uint8Array {
    const { trust, seedOf } = this.network;
    const proposal = { ...this.#model, purl };
    const { authorities, policy } = trust.current;
    const agree = authorities.slice(0, policy.quorum).map(({ buildKey }, authority) => {
      const upstream = 'https://registry.invalid/package.tgz';
      const times = { startedOn: CREATED + 60, finishedOn: CREATED + 61 };
      const statement = mirrorAttestation({ trust, authority, proposal, upstream, ...times });
      const sign = (message: Uint8Array) => signEd25519Node(message, seedOf(buildKey));
      return signStatement(statement, { publicKey: buildKey, sign });
    });
    return encodeTransaction({ v: 1, kind: 'artifact-add', proposal, agree, dissent: [] });
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        child.disconnect();
        await once(child, 'exit');
      }),
    );
    await rm(this.#folder, { recursive: true, force: true });
  }
}
