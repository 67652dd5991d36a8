import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { ok, unwrap, type Result } from '@assay/core/errors/result.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import { checkChange } from '@assay/core/records/check-change.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { epochContext } from '@assay/core/records/epoch-context.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import { nextSet } from '@assay/core/records/next-set.ts';
import { decodeTransaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { eraOf, Eras } from '../era.ts';
import { KeyRing } from '../key-ring.ts';
import { createKeys } from '../keys.ts';
import { createLogger } from '../logger.ts';
import { Membership } from '../membership/membership.ts';
import { ownCandidate } from '../membership/own-candidate.ts';
import { Channels } from './channels.fixture.ts';

const clock = createClock(globalThis);

/** One node of a test: a member, a candidate or a former member. */
export interface TestNode {
  readonly name: string;
  readonly folder: string;
  readonly ring: KeyRing;
  readonly eras: Eras;
  readonly membership: Membership;
  /** Final height it claims; candidates far behind are not synced. */
  height: number;
  stop(): void;
}

/** Authorities that change their set, without libp2p and with a twin of consensus: the first valid change is made, at once. */
export class MembershipNetwork {
  readonly channels = new Channels();
  readonly nodes = new Map<string, TestNode>();
  readonly log: string[] = [];
  /** Every change that was made, as `+name` and `-name`. */
  readonly made: string[] = [];
  /** While true, transactions are taken but no change is made. */
  halted = false;
  trust: NetworkTrust;
  readonly #folder: string;

  private constructor(folder: string, trust: NetworkTrust) {
    this.#folder = folder;
    this.trust = trust;
  }

  /** A network of these members, all of whom run. */
  static async found(names: readonly string[]): Promise<MembershipNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'assay-membership-'));
    const rings: KeyRing[] = [];
    for (const name of names) {
      await createKeys(join(folder, name), name);
      rings.push(await KeyRing.open(join(folder, name)));
    }
    const genesis = encodeRecord({
      kind: 'genesis',
      v: 1,
      origin: 'assay.test/log',
      epoch: 1,
      created: clock.now(),
      authorities: rings.map(({ identity }) => identity),
      limits: { maxArtifactBytes: 1_000 },
    });
    const network = new MembershipNetwork(folder, unwrap(trustFromGenesis(genesis)));
    for (const name of names) await network.start(name);
    return network;
  }

  node(name: string): TestNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`${name} does not run`);
    return node;
  }

  /** Makes the keys of a newcomer and starts it; its candidate file is returned. */
  async newcomer(name: string, folder = name): Promise<Candidate> {
    await createKeys(join(this.#folder, folder), name);
    return this.candidateOf(await this.start(folder));
  }

  candidateOf({ ring }: TestNode): Candidate {
    return ownCandidate(ring.seeds, ['/ip4/127.0.0.1/tcp/4100'], this.trust.networkId);
  }

  /** Starts the node of a folder, again perhaps. */
  async start(name: string): Promise<TestNode> {
    const folder = join(this.#folder, name);
    const ring = await KeyRing.open(folder);
    const eras = new Eras(eraOf(this.trust, ring));
    const channel = this.channels.member(name);
    const membership = await Membership.open({
      dataDir: folder,
      ring,
      eras,
      channel,
      submit: (transaction) => this.#submit(transaction),
      height: () => node.height,
      own: () => this.candidateOf(node),
      clock,
      logger: createLogger((line) => this.log.push(`${name} ${line}`), clock),
      onCandidates: () => undefined,
    });
    const stop = (): void => {
      membership.stop();
      channel.leave();
      this.nodes.delete(name);
    };
    const node: TestNode = { name, folder, ring, eras, membership, height: 100, stop };
    this.nodes.set(name, node);
    membership.start();
    this.channels.connectAll();
    return node;
  }

  stopAll(): void {
    for (const node of this.nodes.values()) node.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Operators of these members approve the same change. */
  async approve(
    by: readonly string[],
    add: readonly Candidate[],
    remove: readonly string[] = [],
  ): Promise<void> {
    const plan = [
      ...add.map((candidate) => ({ kind: 'add' as const, candidate })),
      ...remove.map((name) => ({ kind: 'remove' as const, name })),
    ];
    for (const name of by) {
      const { membership } = this.node(name);
      for (const candidate of add) await membership.introduce(candidate);
      await membership.approve(plan);
    }
  }

  #submit(encoded: Uint8Array): Result<void> {
    const transaction = unwrap(decodeTransaction(encoded));
    if (transaction.kind !== 'authority-change') throw new Error(`a ${transaction.kind} transaction`);
    const context = unwrap(epochContext(this.trust));
    const checked = checkChange(transaction, context, verifyEd25519Node);
    if (!checked.ok || this.halted) return checked.ok ? ok(undefined) : checked;
    const { changes, freshKeys } = checked.value;
    const { origin } = this.trust.genesis;
    const size = context.start.size + 10;
    const current = unwrap(nextSet(context.set, { origin, changes, freshKeys, suspended: [], since: size }));
    const handoff = encodeRecord({
      kind: 'epoch-handoff',
      v: 1,
      epoch: current.epoch,
      size,
      root: new Uint8Array(32).fill(current.epoch),
      cosignatures: context.set.authorities
        .slice(0, context.set.policy.quorum)
        .map((_, authority) => ({ authority, time: 1, signature: new Uint8Array(64) })),
      authorities: current.authorities,
    });
    const link = { handoff, state: new Uint8Array(), proof: [] };
    this.trust = {
      ...this.trust,
      sets: [...this.trust.sets, current],
      current,
      links: [...this.trust.links, link],
    };
    this.made.push(
      changes.map((one) => (one.kind === 'add' ? `+${one.authority.name}` : `-${one.name}`)).join(' '),
    );
    setImmediate(() => {
      for (const { eras, ring } of this.nodes.values()) eras.begin(eraOf(this.trust, ring));
    });
    return ok(undefined);
  }
}
