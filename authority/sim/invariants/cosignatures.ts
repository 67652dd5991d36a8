import { isTreeHeadSigned, type SignedTreeHead } from '../../src/consensus/cosignature.ts';
import type { Effect } from '../../src/consensus/events.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import type { FinalityRule } from './finality.ts';
import type { Report } from './monitor.ts';

/** I12 and I20: cosignatures only of final prefixes that are on disk, never going back; checkpoints with exactly a quorum of them. */
export class CosignatureRule {
  readonly #report: Report;
  readonly #world: World;
  readonly #finality: FinalityRule;
  readonly #seen = new WeakSet<SignedTreeHead>();
  readonly #newest = new Map<number, number>();

  constructor(report: Report, world: World, finality: FinalityRule) {
    this.#report = report;
    this.#world = world;
    this.#finality = finality;
  }

  said(process: Process, signed: SignedTreeHead): void {
    if (this.#seen.has(signed)) return;
    this.#seen.add(signed);
    if (this.#world.memberOf(process, signed.epoch, signed.signer) !== process.authority) return;
    const { size, root } = signed;
    const who = `I12: ${process.authority} cosigned size ${size}`;
    const newest = this.#newest.get(process.authority) ?? 0;
    if (size < newest) this.#report(`${who} after ${newest}`);
    this.#newest.set(process.authority, Math.max(size, newest));
    if (!this.#isFinal(process, size, root)) this.#report(`${who} with a root that is not final`);
    if (!process.disk.logHeads.has(`${size} ${root}`)) this.#report(`${who} before its log was durable`);
    if (process.disk.durable.cosignedSize < size) this.#report(`${who} before it had noted so`);
  }

  published(process: Process, { epoch, head, cosignatures }: Extract<Effect, { kind: 'publish' }>): void {
    const { authority } = process;
    const context = process.contextAt(epoch);
    const signers = new Set(cosignatures.map((one) => one.signer));
    const isSound =
      signers.size === context.quorum &&
      cosignatures.length === context.quorum &&
      cosignatures.every(
        (one) =>
          one.epoch === epoch &&
          one.size === head.size &&
          one.root === head.root &&
          isTreeHeadSigned(context, one),
      );
    if (!isSound) this.#report(`I20: ${authority} published a checkpoint that no client accepts`);
    if (!this.#isFinal(process, head.size, head.root))
      this.#report(`I20: ${authority} published a checkpoint of what is not final`);
  }

  #isFinal({ genesis: { final } }: Process, size: number, root: string): boolean {
    return (size === final.ledger.size ? final.ledger.root : this.#finality.roots.get(size)) === root;
  }
}
