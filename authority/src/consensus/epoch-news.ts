import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Era } from './era.ts';
import type { FinalBlock } from './events.ts';
import { handoffIn } from './store.ts';

/** Hears when an epoch begins, and again when its hand-off is final. */
export type EpochListener = (set: AuthoritySet, trust: NetworkTrust) => void;

/** The trust that hand-offs lead to, and those who want to hear of new epochs. */
export class EpochNews {
  readonly #genesis: NetworkTrust;
  readonly #listeners = new Set<EpochListener>();
  #handoffs: readonly Uint8Array[] = [];
  #trust: NetworkTrust;
  #epoch: number;

  constructor(genesis: NetworkTrust, { epoch }: Era) {
    this.#genesis = genesis;
    this.#trust = genesis;
    this.#epoch = epoch;
  }

  get trust(): NetworkTrust {
    return this.#trust;
  }

  /** Adds a listener; gives how to remove it. */
  add(listener: EpochListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Goes on from the hand-offs of the database. */
  restore(era: Era, handoffs: readonly Uint8Array[]): void {
    this.#handoffs = handoffs;
    this.#epoch = era.epoch;
    this.#trust = this.#trustIn(era);
  }

  /** Takes in a block that is final and durable; `era` is its epoch or a later one. */
  take(final: FinalBlock, era: Era): void {
    const { epoch, closes } = final.block.header;
    const handoff = handoffIn(final);
    if (handoff !== undefined) {
      this.#handoffs = [...this.#handoffs, handoff];
      this.#trust = this.#trustIn(era);
      this.#tell(this.#trust.current);
    }
    const next = era.sets[epoch];
    if (!closes || next === undefined || epoch < this.#epoch) return;
    this.#epoch = epoch + 1;
    this.#tell(next);
  }

  #tell(set: AuthoritySet): void {
    for (const listener of this.#listeners) listener(set, this.#trust);
  }

  /** What genesis and the hand-offs so far lead to: they were checked when they were executed. */
  #trustIn({ sets, closings }: Era): NetworkTrust {
    const [first, ...later] = sets;
    const known = [first, ...later.slice(0, this.#handoffs.length)] as const;
    const links = this.#handoffs.flatMap((handoff, at) => {
      const closing = closings[at];
      return closing === undefined ? [] : [{ handoff, state: closing.state, proof: closing.proof }];
    });
    return { ...this.#genesis, sets: known, current: known.at(-1) ?? first, links };
  }
}
