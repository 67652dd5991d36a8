import type { Evidence } from '../../src/consensus/evidence.ts';
import type { World } from '../world.ts';
import type { Report } from './monitor.ts';

/** I16: evidence that honest authorities keep or pass on never names one of them. */
export class EvidenceRule {
  readonly #report: Report;
  readonly #world: World;

  constructor(report: Report, world: World) {
    this.#report = report;
    this.#world = world;
  }

  said({ first, kind }: Evidence): void {
    this.#world.coverage.note(kind === 'votes' ? 'evidence of two votes' : 'evidence of two cosignatures');
    if (this.#world.isHonestAuthority(first.signer))
      this.#report(`I16: evidence against honest ${first.signer}`);
  }
}
