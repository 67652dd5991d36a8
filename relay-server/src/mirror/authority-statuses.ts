import type { Clock } from '@assay/core/clock.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import type { AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import type { AuthorityLink } from '../network/authority-link.ts';

/** Answers are given out again for this long, so that many askers cost the authorities nothing. */
const KEEP_MS = 1_000;
const ANSWER_MS = 2_000;

/** What the relay knows of one authority. Information, never part of a verdict. */
export interface AuthorityReport extends Partial<AuthorityStatus> {
  readonly index: number;
  readonly name: string;
  readonly peerId: string;
  readonly reachable: boolean;
  /** Unix seconds. */
  readonly lastSeen?: number;
}

/** Asks the authorities how they are. */
export class AuthorityStatuses {
  readonly #links: readonly AuthorityLink[];
  readonly #clock: Clock;
  #last: { readonly at: number; readonly reports: Promise<readonly AuthorityReport[]> } | undefined;

  constructor(links: readonly AuthorityLink[], clock: Clock) {
    this.#links = links;
    this.#clock = clock;
  }

  /** One report per authority, at most a second old. Never rejects. */
  reports(): Promise<readonly AuthorityReport[]> {
    const now = this.#clock.elapsed();
    if (this.#last === undefined || now - this.#last.at > KEEP_MS) {
      this.#last = { at: now, reports: Promise.all(this.#links.map((link) => this.#report(link))) };
    }
    return this.#last.reports;
  }

  async #report(link: AuthorityLink): Promise<AuthorityReport> {
    const status = link.reachable ? await this.#ask(link) : undefined;
    const { index, name, peerId, lastSeen } = link;
    return {
      ...status,
      index,
      name,
      peerId: peerId.toString(),
      reachable: link.reachable,
      ...(lastSeen !== undefined && { lastSeen }),
    };
  }

  async #ask(link: AuthorityLink): Promise<AuthorityStatus | undefined> {
    try {
      return await withDeadline(this.#clock, ANSWER_MS, undefined, (signal) => link.status(signal));
    } catch {
      return undefined;
    }
  }
}
