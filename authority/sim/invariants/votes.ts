import type { Hash, Header } from '../../src/consensus/block.ts';
import type { ProposalMessage } from '../../src/consensus/messages.ts';
import { leaderOf } from '../../src/consensus/state.ts';
import { isVoteSigned, type Vote } from '../../src/consensus/vote.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Report } from './monitor.ts';

/** What one authority voted in one view, over all its lives. */
interface Cast {
  notarise?: Hash;
  finalise?: Hash;
  nullify?: true;
}

/** Honest voters of one view: for each block, and against it. */
interface Tally {
  readonly notarise: Map<Hash, Set<number>>;
  readonly finalise: Map<Hash, Set<number>>;
  readonly nullify: Set<number>;
}

/**
 * I1–I4, I7, I8, I14 and rule W, for every vote the first time it is handed to the network. Certificates are not waited for: one
 * counts as possible as soon as the honest voters for it, and all the faulty, are a quorum.
 */
export class VoteRule {
  readonly #report: Report;
  readonly #world: World;
  /** Authorities that are, or will be, bound by nothing: taken to vote for everything. */
  readonly #suspects: ReadonlySet<number>;
  readonly #seen = new Map<Process, WeakSet<Vote>>();
  readonly #cast = new Map<string, Cast>();
  readonly #tallies = new Map<string, Tally>();
  readonly #headers = new Map<Hash, Header>();
  /** Blocks shown with a vote of their view's leader. */
  readonly #proposed = new Set<Hash>();
  #highest: { digest: Hash; epoch: number; view: number } | undefined;

  constructor(report: Report, world: World, suspects: ReadonlySet<number>) {
    this.#report = report;
    this.#world = world;
    this.#suspects = suspects;
  }

  /** A block as it was shown by someone, with the vote under it. */
  noteProposal({ block, vote }: ProposalMessage, process: Process): void {
    const context = process.contextAt(block.header.epoch);
    this.#headers.set(vote.digest, block.header);
    const isLeaders = vote.signer === leaderOf(context, block.header.view) && isVoteSigned(context, vote);
    if (isLeaders) this.#proposed.add(vote.digest);
  }

  said(process: Process, vote: Vote): void {
    const seen = this.#seen.get(process) ?? new WeakSet();
    this.#seen.set(process, seen);
    if (seen.has(vote)) return;
    seen.add(vote);
    if (this.#world.memberOf(process, vote.epoch, vote.signer) !== process.authority) return;
    this.#checkDurable(process, vote);
    this.#checkOwn(process, vote);
    this.#count(process, vote);
  }

  /** I1, I2, I14: no two contrary votes of one authority, whether it was restarted in between or not. */
  #checkOwn({ authority }: Process, { epoch, view, kind, digest }: Vote): void {
    const key = `${authority} ${epoch} ${view}`;
    const cast = this.#cast.get(key) ?? {};
    this.#cast.set(key, cast);
    const where = `${authority} in view ${view}`;
    const isLate = kind === 'notarise' && cast.nullify === true && cast.notarise === undefined;
    if (isLate) this.#report(`I2: ${where} voted to notarise after it voted to nullify`);
    if (kind === 'nullify') cast.nullify = true;
    else if ((cast[kind] ?? digest) !== digest) this.#report(`I1: ${where} voted to ${kind} two blocks`);
    else cast[kind] = digest;
    if (cast.nullify === true && cast.finalise !== undefined)
      this.#report(`I2: ${where} voted to nullify and to finalise`);
  }

  /** W, I3, I4: the vote and what it rests on are on the disk of its voter by now. */
  #checkDurable({ disk: { durable }, context, authority }: Process, vote: Vote): void {
    const { kind, epoch, view, digest } = vote;
    if (epoch < durable.epoch || (epoch === durable.epoch && view <= durable.finalView)) return;
    const where = `${authority} sent ${kind} in view ${view}`;
    if (!durable.hasVote(vote)) return this.#report(`W: ${where} before it was durable`);
    if (kind === 'nullify') return this.#checkEntry(vote, durable);
    const block = durable.block(digest);
    if (block === undefined) return this.#report(`W: ${where} without the body`);
    if (kind === 'finalise') {
      if (!durable.hasCertificate(epoch, 'notarise', view, digest))
        this.#report(`I3: ${where} before its certificate was durable`);
      return;
    }
    if (!this.#proposed.has(digest)) this.#report(`I4: ${where} for what its leader did not propose`);
    const parent = block.header.parent;
    const parentView = parent === context.chain ? 0 : this.#viewIn(epoch, parent);
    if (parentView === undefined) return this.#report(`I4: ${where} on an unknown parent`);
    const isFirm =
      parent === context.chain ||
      durable.finalViewOf(parent) !== undefined ||
      durable.hasCertificate(epoch, 'notarise', parentView, parent);
    if (!isFirm) this.#report(`I4: ${where} on a parent without a durable certificate`);
    for (
      let skipped = Math.max(parentView, durable.epoch === epoch ? durable.finalView : 0) + 1;
      skipped < view;
      skipped++
    ) {
      if (!durable.hasCertificate(epoch, 'nullify', skipped, ZERO))
        return this.#report(`I4: ${where} over view ${skipped} that was not nullified`);
    }
  }

  /** The view of a block, if it is of this epoch; what closed the epoch before counts as view 0. */
  #viewIn(epoch: number, digest: Hash): number | undefined {
    const header = this.#headers.get(digest);
    return header === undefined || header.epoch === epoch ? header?.view : 0;
  }

  /** W (ii): a view that was entered by a certificate is nullified only when that certificate is durable. */
  #checkEntry({ epoch, view, signer }: Vote, durable: Process['disk']['durable']): void {
    if (
      view - 1 <= (durable.epoch === epoch ? durable.finalView : 0) ||
      durable.hasCertificateIn(epoch, view - 1)
    )
      return;
    this.#report(`W: ${signer} sent nullify in view ${view} before what it entered by was durable`);
  }

  /** I7, I8 and a second look at I5: what may be final by now excludes everything else. */
  #count(process: Process, { epoch, view, kind, digest, signer }: Vote): void {
    const key = `${epoch} ${view}`;
    const tally = this.#tallies.get(key) ?? { notarise: new Map(), finalise: new Map(), nullify: new Set() };
    this.#tallies.set(key, tally);
    const voters = kind === 'nullify' ? tally.nullify : (tally[kind].get(digest) ?? new Set<number>());
    if (kind !== 'nullify') tally[kind].set(digest, voters);
    const isSuspect = (member: number) => this.#suspects.has(this.#world.memberOf(process, epoch, member));
    if (isSuspect(signer)) return;
    voters.add(signer);
    const { quorum, count } = process.contextAt(epoch);
    const faulty = Array.from({ length: count }, (_, member) => member).filter(isSuspect).length;
    const isPossible = (set: ReadonlySet<number>) => set.size > 0 && set.size + faulty >= quorum;
    if (!isPossible(voters)) return;
    const notarised = [...tally.notarise].filter(([, set]) => isPossible(set));
    const finalised = [...tally.finalise].filter(([, set]) => isPossible(set));
    if (notarised.length > 1) this.#report(`I8: view ${view} can have two notarised blocks`);
    const [final] = finalised;
    if (final === undefined) return;
    if (isPossible(tally.nullify)) this.#report(`I7: view ${view} can be both nullified and final`);
    if (notarised.some(([other]) => other !== final[0]))
      this.#report(`I8: view ${view} can have a final block and another notarised one`);
    if (kind === 'finalise') this.#checkChain({ digest, epoch, view });
  }

  /** I5: of two blocks that may be final one descends from the other. */
  #checkChain(final: { digest: Hash; epoch: number; view: number }): void {
    const known = this.#highest;
    if (known?.digest === final.digest) return;
    if (known === undefined || known.epoch !== final.epoch) {
      if (known === undefined || final.epoch > known.epoch) this.#highest = final;
      return;
    }
    const [lower, higher] = known.view < final.view ? [known, final] : [final, known];
    this.#highest = higher;
    let at: Hash = higher.digest;
    for (let header = this.#headers.get(at); header !== undefined; header = this.#headers.get(at)) {
      if (header.view <= lower.view) break;
      at = header.parent;
    }
    if (at !== lower.digest && this.#headers.has(at))
      this.#report(`I5: blocks of views ${lower.view} and ${higher.view} may both be final, on two chains`);
  }
}

const ZERO = '0'.repeat(64);
