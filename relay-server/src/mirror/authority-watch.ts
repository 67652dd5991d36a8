import type { Clock } from '@assay/core/clock.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import type { AuthorityLink } from '../network/authority-link.ts';

/** How often an authority is asked for its checkpoint: what a new record waits at most until the relay hears of it. */
const POLL_MS = 500;
/** An authority that does not answer within this time counts as gone. */
const ANSWER_MS = 3_000;
/** Longest pause between two tries to reach an authority that is gone. */
const MAX_PAUSE_MS = 5_000;

/** Asks each authority for its checkpoint again and again, so that the relay knows who is there and when something is new. */
export class AuthorityWatch {
  readonly #links: readonly AuthorityLink[];
  readonly #clock: Clock;
  readonly #onNews: () => void;
  readonly #watched = new Set<AuthorityLink>();

  /** `onNews` is called whenever an authority shows a checkpoint that it did not show before. */
  constructor(links: readonly AuthorityLink[], clock: Clock, onNews: () => void) {
    this.#links = links;
    this.#clock = clock;
    this.#onNews = onNews;
  }

  /** Watches until the signal fires; who joins the links is watched from the next round on, who leaves them no longer. */
  async run(signal: AbortSignal): Promise<void> {
    const watches: Promise<void>[] = [];
    while (!signal.aborted) {
      for (const link of this.#links) {
        if (this.#watched.has(link)) continue;
        this.#watched.add(link);
        watches.push(this.#watch(link, signal).finally(() => this.#watched.delete(link)));
      }
      await this.#clock.sleep(POLL_MS, signal);
    }
    await Promise.all(watches);
  }

  async #watch(link: AuthorityLink, signal: AbortSignal): Promise<void> {
    let seen = new Uint8Array(0) as Uint8Array;
    let pause = POLL_MS;
    while (!signal.aborted && this.#links.includes(link)) {
      try {
        const note = await withDeadline(this.#clock, ANSWER_MS, signal, (inner) =>
          link.log.checkpoint(inner),
        );
        link.heard(this.#clock.now());
        pause = POLL_MS;
        if (!equalBytes(note, seen)) this.#onNews();
        seen = note;
      } catch {
        link.lost();
        pause = Math.min(MAX_PAUSE_MS, 2 * pause);
      }
      await this.#clock.sleep(pause, signal);
    }
  }
}
