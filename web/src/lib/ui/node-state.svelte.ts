import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import type { NodeApi, NodeStatus } from '../node/api.ts';

/** What the shell shows before the node has been loaded. */
const starting: NodeStatus = { phase: 'starting', size: 0, target: 0, leader: false, peers: 0 };

/** The node as pages see it: absent until it has been loaded, its status and size as state. */
export class NodeState {
  api = $state.raw<NodeApi>();
  status = $state.raw<NodeStatus>(starting);
  /** Entries of the log that are replayed and checked here. Queries that depend on the log follow it. */
  size = $state(0);
  readonly #leave: (() => void)[] = [];

  /** Loads the node; a failure becomes the status, so that every page can say what is the matter. */
  async connect(open: () => Promise<NodeApi>): Promise<void> {
    try {
      this.#attach(await open());
    } catch (error) {
      this.status = { ...starting, phase: 'stopped', error: asAssayError(error) };
    }
  }

  /** Stops listening to the node. */
  stop(): void {
    for (const leave of this.#leave) leave();
  }

  #attach(api: NodeApi): void {
    this.status = api.status;
    this.size = api.status.size;
    this.#leave.push(
      api.subscribe((status) => {
        this.status = status;
        this.size = Math.max(this.size, status.size);
      }),
      api.onGrowth((size) => (this.size = size)),
    );
    this.api = api;
  }
}

/** Whatever was thrown, as an error with a code and a help page. */
export function asAssayError(thrown: unknown): AssayError {
  if (isAssayError(thrown)) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AssayError('E_PAGE_UNEXPECTED', { reason }, thrown);
}
