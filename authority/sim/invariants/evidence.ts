import { votesConflict, type Evidence } from '../../src/consensus/evidence.ts';
import { VIEW_WINDOW } from '../../src/consensus/limits.ts';
import type { Message } from '../../src/consensus/messages.ts';
import type { State } from '../../src/consensus/state.ts';
import { isVoteSigned, type Vote } from '../../src/consensus/vote.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { Report } from './monitor.ts';

/** I16 and rule R14: evidence never names an honest authority, and who heard two contrary votes of one signer has evidence. */
export class EvidenceRule {
  readonly #report: Report;
  readonly #world: World;
  readonly #suspects: ReadonlySet<number>;
  /** Votes of suspects by who heard them in which life, and view. */
  readonly #heard = new Map<string, Vote[]>();

  constructor(report: Report, world: World, suspects: ReadonlySet<number>) {
    this.#report = report;
    this.#world = world;
    this.#suspects = suspects;
  }

  said(process: Process, { first, kind }: Evidence): void {
    this.#world.coverage.note(kind === 'votes' ? 'evidence of two votes' : 'evidence of two cosignatures');
    const accused = this.#world.memberOf(process, first.epoch, first.signer);
    if (this.#world.isHonestAuthority(accused)) this.#report(`I16: evidence against honest ${accused}`);
  }

  /** An honest process took a message in. */
  heard(process: Process, message: Message, before: State): void {
    if (message.kind !== 'vote') return;
    const { vote } = message;
    const suspect = this.#world.memberOf(process, vote.epoch, vote.signer);
    if (!this.#suspects.has(suspect)) return;
    const { state, context, authority } = process;
    const isOf = vote.epoch === context.epoch && vote.view > state.final.view;
    if (!isOf || vote.view > before.view + VIEW_WINDOW) return;
    const key = `${process.id} ${process.life ?? 0} ${vote.signer} ${vote.epoch} ${vote.view}`;
    const earlier = this.#heard.get(key) ?? [];
    if (earlier.some((one) => one.kind === vote.kind && one.digest === vote.digest)) return;
    if (!isVoteSigned(context, vote)) return;
    this.#heard.set(key, [...earlier, vote]);
    if (!earlier.some((one) => votesConflict(one, vote))) return;
    const isKept = [...state.evidence.values()].some(
      ({ first }) => this.#world.memberOf(process, first.epoch, first.signer) === suspect,
    );
    if (!isKept) this.#report(`I16: ${authority} has no evidence of two votes of ${suspect} that it heard`);
  }
}
