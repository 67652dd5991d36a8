import type { Process } from '../process.ts';
import type { Report } from './monitor.ts';

/** I15: every epoch begins with the same set at the same tree, whoever looks. */
export class EpochRule {
  readonly #report: Report;
  readonly #begun = new Map<number, string>();

  constructor(report: Report) {
    this.#report = report;
  }

  began({ state: { era, final }, authority }: Process): void {
    const head = era.closings.at(-1)?.head;
    const beginning = `${era.setHash} ${head?.size ?? 0} ${head?.root ?? ''}`;
    const known = this.#begun.get(era.epoch) ?? beginning;
    this.#begun.set(era.epoch, known);
    if (known !== beginning || (final.view === 0 && final.ledger.root !== head?.root))
      this.#report(`I15: ${authority} begins epoch ${era.epoch} elsewhere than others`);
  }
}
