import type { WireError } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress, RequestState } from '@assay/core/net/request-progress.ts';
import type { ProposedAdd } from '@assay/core/records/proposal.ts';
import { Round, type Answer } from './round.ts';

/** A signed request by its id and in its bytes. */
export interface JobRequest {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** How far this authority itself is: in its queue, fetching, or done with a signed answer. */
export type OwnPhase = 'waiting' | 'fetching' | 'answered';

/** How a job ended. */
export type Ending =
  | { readonly state: 'in-log'; readonly index: number }
  | { readonly state: 'failed'; readonly error: WireError };

/** One try at one package version, as this authority works on it. Held in memory while it is under way. */
export class Job {
  readonly purl: string;
  readonly attempt: number;
  /** Unix seconds. */
  readonly opened: number;
  /** Who said what, of the authority set in force. */
  round: Round;
  /** Fires when the work on it is to end. */
  readonly stop = new AbortController();
  /** Ids of the requests it answers. */
  readonly requests = new Set<string>();
  /** The newest of them: others are told of the job under this one. */
  request: JobRequest;
  phase: OwnPhase = 'waiting';
  /** This authority's signed answer, and what it proposes if it got the package. */
  envelope: Uint8Array | undefined;
  proposal: ProposedAdd | undefined;
  /** Milliseconds of the steady clock: when the own fetch began, when the outcome was clear, when it was last submitted. */
  startedAt: number | undefined;
  decidedAt: number | undefined;
  submittedAt: number | undefined;
  /** When its state is told to the others again, and the pause after that. */
  nextOfferAt = 0;
  offerPauseMs = 0;
  /** Whether consensus has it, or waits for it. */
  ordering = false;

  constructor(options: {
    readonly purl: string;
    readonly attempt: number;
    readonly opened: number;
    readonly request: JobRequest;
    readonly names: readonly string[];
  }) {
    this.purl = options.purl;
    this.attempt = options.attempt;
    this.opened = options.opened;
    this.request = options.request;
    this.round = new Round(options.names);
    this.requests.add(options.request.id);
  }

  /** Begins anew among the authorities of another epoch: what those of the last one said does not count any more. */
  enterEpoch(names: readonly string[], now: number): void {
    this.round = new Round(names);
    if (this.startedAt !== undefined) this.startedAt = now;
    this.decidedAt = undefined;
    this.submittedAt = undefined;
    this.nextOfferAt = 0;
    this.offerPauseMs = 0;
    this.ordering = false;
  }

  /** Takes this authority's own answer in. */
  adopt(answer: Answer, proposal: ProposedAdd | undefined): void {
    this.round.take(answer);
    this.phase = 'answered';
    this.envelope = answer.envelope;
    this.proposal = proposal;
  }

  /** What a requester is told; after the end with how it ended. */
  progress(ending?: Ending): RequestProgress {
    const { round } = this;
    const common = {
      id: this.request.id,
      purl: this.purl,
      authorities: round.progress(),
      needed: round.needed,
      agreed: round.agreed(),
    };
    return ending === undefined ? { ...common, state: this.#state() } : { ...common, ...ending };
  }

  #state(): RequestState {
    if (this.ordering) return 'ordering';
    if (this.phase === 'answered') return 'agreeing';
    return this.phase === 'fetching' ? 'fetching' : 'queued';
  }
}
