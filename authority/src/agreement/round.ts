import type { Attestation, AttestedOutcome } from '@assay/core/archive/attestation.ts';
import { AssayError, fromWire, toWire, type WireError } from '@assay/core/errors/assay-error.ts';
import { quorum } from '@assay/core/log/quorum.ts';
import type { AuthorityProgress } from '@assay/core/net/request-progress.ts';

/** What one authority stated in this round, with the envelope it signed. */
export interface Answer {
  readonly attestation: Attestation;
  readonly envelope: Uint8Array;
}

/** Authorities that saw exactly the same. */
export interface Group {
  /** Hex digest of their proposal. */
  readonly digest: string;
  readonly answers: readonly Answer[];
}

/** What became a record. */
export interface Outcome {
  /** Hex digest of the proposal. */
  readonly digest: string;
  /** Indices of those who agreed on it. */
  readonly builders: readonly number[];
}

/** Where a round stands. */
export type Standing =
  | { readonly kind: 'open' }
  /** A quorum saw the same; `complete` when nobody is left who could still say something. */
  | { readonly kind: 'agreed'; readonly group: Group; readonly complete: boolean }
  /** No quorum can come about any more. */
  | { readonly kind: 'impossible'; readonly complete: boolean };

/**
 * One try of the authorities to agree on one package version: who said what. Pure bookkeeping, no clock. Each authority's first
 * answer counts.
 */
export class Round {
  readonly #names: readonly string[];
  readonly #answers = new Map<number, Answer>();
  readonly #fetching = new Set<number>();
  #outcome: Outcome | undefined;

  /** `names` of all authorities, in the order of the set. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get needed(): number {
    return quorum(this.#names.length);
  }

  get answered(): number {
    return this.#answers.size;
  }

  /** False when this authority has answered before; the earlier answer stays. */
  take(answer: Answer): boolean {
    const { authority } = answer.attestation;
    if (this.#answers.has(authority)) return false;
    this.#answers.set(authority, answer);
    return true;
  }

  /** Notes that an authority has begun to fetch. False when that was known. */
  noteFetching(authority: number): boolean {
    if (this.#fetching.has(authority) || authority >= this.#names.length) return false;
    this.#fetching.add(authority);
    return true;
  }

  answerOf(authority: number): Answer | undefined {
    return this.#answers.get(authority);
  }

  /** Every authority that has answered. */
  answeredBy(): number[] {
    return [...this.#answers.keys()];
  }

  /** Where the round stands, if only `reachable` authorities can be hoped for. */
  standing(reachable: ReadonlySet<number>): Standing {
    const complete = this.#names.every((_, index) => this.#answers.has(index) || !reachable.has(index));
    const largest = this.#groups()[0];
    const agreed = largest?.answers.length ?? 0;
    if (largest !== undefined && agreed >= this.needed) return { kind: 'agreed', group: largest, complete };
    const outstanding = this.#names.length - this.#answers.size;
    return agreed + outstanding < this.needed ? { kind: 'impossible', complete } : { kind: 'open' };
  }

  /** Whether no quorum can come about any more. */
  isHopeless(): boolean {
    return this.standing(new Set()).kind === 'impossible';
  }

  /** Everyone who said something else than `group`. */
  dissent(group: Group): Answer[] {
    return [...this.#answers.values()].filter((answer) => !group.answers.includes(answer));
  }

  /** Learns from the record how it ended, which may be more than the answers that arrived here. */
  conclude(outcome: Outcome): void {
    this.#outcome = outcome;
  }

  /** Those who agreed in the end, or members of the largest group of equal answers so far. */
  agreed(): number {
    return this.#outcome?.builders.length ?? this.#groups()[0]?.answers.length ?? 0;
  }

  /** What is known of each authority. */
  progress(): AuthorityProgress[] {
    return this.#names.map((name, index) => {
      const outcome = this.#answers.get(index)?.attestation.outcome;
      if (outcome !== undefined) return answered(name, outcome);
      if (this.#outcome?.builders.includes(index) === true) {
        return { name, state: 'attested', digest: this.#outcome.digest };
      }
      return { name, state: this.#fetching.has(index) ? 'fetching' : 'waiting' };
    });
  }

  /**
   * Why no quorum came about: the one reason, if nobody got the package and all who answered give the same; else that they do not
   * agree.
   */
  failure(): WireError {
    const outcomes = [...this.#answers.values()].map(({ attestation }) => attestation.outcome);
    const errors = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.error] : []));
    const [first] = errors;
    const common = errors.length === outcomes.length && errors.every(({ code }) => code === first?.code);
    if (first !== undefined && common) return known(first);
    return toWire(new AssayError('E_NO_AGREEMENT', { agreed: this.agreed(), needed: this.needed }));
  }

  /** Largest first; of equal ones the one whose digest sorts first, so that all authorities name the same. */
  #groups(): Group[] {
    const groups = new Map<string, { digest: string; answers: Answer[] }>();
    for (const answer of this.#answers.values()) {
      const { outcome } = answer.attestation;
      if (outcome.kind !== 'digest') continue;
      const key = JSON.stringify([outcome.proposalDigest, outcome.artifacts]);
      const group = groups.get(key) ?? { digest: outcome.proposalDigest, answers: [] };
      group.answers.push(answer);
      groups.set(key, group);
    }
    return [...groups.entries()]
      .toSorted(([a, one], [b, other]) => other.answers.length - one.answers.length || (a < b ? -1 : 1))
      .map(([, group]) => group);
  }
}

function answered(name: string, outcome: AttestedOutcome): AuthorityProgress {
  return outcome.kind === 'digest'
    ? { name, state: 'attested', digest: outcome.proposalDigest }
    : { name, state: 'failed', error: known(outcome.error) };
}

/** An error another program stated, as far as this one knows it. */
function known(error: { readonly code: string; readonly fields: object }): WireError {
  return toWire(fromWire(error));
}
