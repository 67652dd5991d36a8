import { SvelteMap } from 'svelte/reactivity';
import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress } from '../node/api.ts';
import type { Announcer } from './announcer.svelte.ts';
import { asAssayError, type NodeState } from './node-state.svelte.ts';

/** A request sent from this tab. It is followed while the reader looks at other pages. */
export interface RequestRun {
  /** As the reader asked for it; the progress names the version it was resolved to. */
  readonly purl: string;
  readonly progress?: RequestProgress;
  /** The request could not be sent or followed. A request that failed says so in `progress`. */
  readonly error?: AssayError;
  readonly running: boolean;
}

/** What each state is called in the page. */
export const requestStateWords = {
  queued: 'Queued',
  fetching: 'Fetching',
  agreeing: 'Agreeing',
  ordering: 'Entering the log',
  'in-log': 'In the log',
  failed: 'Failed',
} as const satisfies Record<RequestProgress['state'], string>;

/** The requests of this tab, by purl. */
export class Requests {
  readonly #runs = new SvelteMap<string, RequestRun>();
  readonly #node: NodeState;
  readonly #announcer: Announcer;
  readonly #onLogged: (purl: string) => void;

  /** `onLogged` is told of each version that a request of this tab has brought into the log. */
  constructor(node: NodeState, announcer: Announcer, onLogged: (purl: string) => void) {
    this.#node = node;
    this.#announcer = announcer;
    this.#onLogged = onLogged;
  }

  of(purl: string): RequestRun | undefined {
    return this.#runs.get(purl);
  }

  /** Every request of this tab, newest first. */
  get list(): readonly RequestRun[] {
    return [...this.#runs.values()].toReversed();
  }

  /** Signs and sends a request; does nothing while the same one runs. */
  async send(purl: string): Promise<void> {
    const { api } = this.#node;
    if (api === undefined || this.#runs.get(purl)?.running === true) return;
    let run: RequestRun = { purl, running: true };
    const update = (change: Partial<RequestRun>): void => {
      run = { ...run, ...change };
      this.#runs.set(purl, run);
    };
    const onProgress = (progress: RequestProgress): void => {
      if (progress.state !== run.progress?.state) this.#announcer.say(requestStateWords[progress.state]);
      update({ progress });
    };
    update({});
    try {
      const last = await api.request(purl, onProgress);
      onProgress(last);
      update({ running: false });
      if (last.state === 'in-log') this.#onLogged(last.purl);
    } catch (error) {
      update({ error: asAssayError(error), running: false });
    }
  }
}
