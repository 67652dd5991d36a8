import type { Clock } from '@assay/core/clock.ts';
import { throwIfAborted, withDeadline } from '@assay/core/net/deadline.ts';
import {
  CANCEL_FETCH,
  readFetchAnswer,
  type FetchAnswer,
  type FetchOrder,
} from '@assay/core/registry/page-messages.ts';

/** A page that does not say within this time that it has begun will not: it is frozen, or its node is not running. */
const ACCEPT_MS = 3_000;
/** How often a silent page is looked after. */
const LOOK_MS = 2_000;
/** A page that does not get on for this long is left; what it has received stays stored, and the worker goes on with that. */
const MAX_SILENCE_MS = 15_000;
/** Pages asked before the worker goes to the mirrors itself; more would only make the caller wait. */
const MAX_PAGES = 3;

/** What is used of a WindowClient. */
export interface Page {
  readonly id: string;
  readonly visibilityState: DocumentVisibilityState;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** What is used of the worker's Clients. */
export interface Pages {
  matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Page[]>;
  get(id: string): Promise<unknown>;
}

/**
 * Asks open pages, visible ones first, to fetch and store an artifact, until one of them says that it is done. False when none
 * did. Rejects with `E_ABORTED` when the signal fires, and tells the page to stop.
 */
export async function fetchThroughPage(
  order: Omit<FetchOrder, 'type'>,
  ports: { readonly pages: Pages; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<boolean> {
  const pages = await ports.pages.matchAll({ type: 'window', includeUncontrolled: true });
  const byVisibility = pages.toSorted((a, b) => rank(a) - rank(b));
  for (const page of byVisibility.slice(0, MAX_PAGES)) {
    const conversation = new Conversation(page, { type: 'assay-fetch', ...order });
    try {
      if (await conversation.runs(ports, signal)) return true;
    } finally {
      conversation.end();
    }
    throwIfAborted(signal);
  }
  return false;
}

function rank({ visibilityState }: Page): number {
  return visibilityState === 'visible' ? 0 : 1;
}

class Conversation {
  readonly #page: Page;
  readonly #port: MessagePort;
  readonly #heard: FetchAnswer[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(page: Page, order: FetchOrder) {
    const { port1, port2 } = new MessageChannel();
    this.#page = page;
    this.#port = port1;
    port1.addEventListener('message', ({ data }) => {
      const answer = readFetchAnswer(data);
      if (answer === undefined) return;
      this.#heard.push(answer);
      this.#wake.resolve();
    });
    port1.start();
    page.postMessage(order, [port2]);
  }

  /** Whether the page began and came to an end. */
  async runs({ pages, clock }: { pages: Pages; clock: Clock }, signal?: AbortSignal): Promise<boolean> {
    if ((await this.#next(clock, ACCEPT_MS, signal)) !== 'accepted') return false;
    let heardAt = clock.elapsed();
    for (;;) {
      const answer = await this.#next(clock, LOOK_MS, signal);
      if (answer === 'ended') return true;
      if (answer !== undefined) heardAt = clock.elapsed();
      else if (clock.elapsed() - heardAt >= MAX_SILENCE_MS) return false;
      else if ((await pages.get(this.#page.id)) === undefined) return false;
    }
  }

  end(): void {
    this.#port.postMessage(CANCEL_FETCH, []);
    this.#port.close();
  }

  /** The next answer; undefined when none comes in time. */
  async #next(clock: Clock, ms: number, signal?: AbortSignal): Promise<FetchAnswer | undefined> {
    if (this.#heard.length === 0) {
      this.#wake = Promise.withResolvers();
      await withDeadline(clock, ms, signal, () => this.#wake.promise).catch(() => throwIfAborted(signal));
    }
    return this.#heard.shift();
  }
}
