import { SvelteMap } from 'svelte/reactivity';
import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import type { FetchProgress } from '../node/api.ts';
import type { Announcer } from './announcer.svelte.ts';
import { asAssayError, type NodeState } from './node-state.svelte.ts';

/** A download begun in this tab. It goes on while the reader looks at other pages. */
export interface FetchRun {
  readonly purl: string;
  readonly artifact: string;
  readonly progress?: FetchProgress;
  readonly error?: AssayError;
  readonly verification?: Verification;
  /** True until it has ended, well or not. */
  readonly running: boolean;
}

/** The downloads of this tab, by artifact. */
export class Fetches {
  readonly #runs = new SvelteMap<string, FetchRun>();
  readonly #stops = new Map<string, AbortController>();
  readonly #node: NodeState;
  readonly #announcer: Announcer;
  /** Grows with every download that ended, for pages that list what is stored. */
  finished = $state(0);

  constructor(node: NodeState, announcer: Announcer) {
    this.#node = node;
    this.#announcer = announcer;
  }

  of(purl: string, artifact: string): FetchRun | undefined {
    return this.#runs.get(key(purl, artifact));
  }

  /** Begins or resumes a download; does nothing while it runs. */
  async start(purl: string, artifact: string): Promise<void> {
    const { api } = this.#node;
    const id = key(purl, artifact);
    if (api === undefined || this.#runs.get(id)?.running === true) return;
    const stop = new AbortController();
    this.#stops.set(id, stop);
    let run: FetchRun = { purl, artifact, running: true };
    const update = (change: Partial<FetchRun>): void => {
      run = { ...run, ...change };
      this.#runs.set(id, run);
    };
    update({});
    const say = sayQuarters(this.#announcer, artifact);
    const onProgress = (progress: FetchProgress): void => {
      update({ progress });
      say(progress);
    };
    try {
      const verification = await api.fetch(purl, artifact, onProgress, stop.signal);
      update({ verification, running: false });
    } catch (error) {
      if (stop.signal.aborted) this.#runs.delete(id);
      else update({ error: asAssayError(error), running: false });
    }
    this.finished++;
  }

  /** Stops a download; what has been received stays for a later resume. */
  stop(purl: string, artifact: string): void {
    this.#stops.get(key(purl, artifact))?.abort();
  }
}

function key(purl: string, artifact: string): string {
  return `${purl}#${artifact}`;
}

/** Tells screen readers of a download at each quarter, not at each block. */
function sayQuarters(announcer: Announcer, artifact: string): (progress: FetchProgress) => void {
  let said = -1;
  return ({ received, total }) => {
    const quarter = total === 0 ? 0 : Math.floor((received / total) * 4);
    if (quarter <= said) return;
    said = quarter;
    announcer.say(`${artifact}: ${quarter * 25} percent received`);
  };
}
