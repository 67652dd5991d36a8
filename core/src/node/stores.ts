import type { LogStore } from '../log/log-store.ts';
import type { ArtifactStore } from '../swarm/block-store.ts';

/** Two checkpoints of one network, each signed by a quorum, that cannot both be true. Signed-note bytes. */
export interface Conflict {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/**
 * The newest checkpoint this node has replayed and checked. It never goes back; whatever comes later must contain it.
 */
export interface Anchor {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note. */
  readonly checkpoint: Uint8Array;
  /** Once set, nothing newer is accepted until a person decides. */
  readonly conflict?: Conflict;
}

/** Keeps the one anchor of one network, durably on return. */
export interface AnchorStore {
  load(): Promise<Anchor | undefined>;
  save(anchor: Anchor): Promise<void>;
}

/** Everything a node remembers. */
export interface NodeStores {
  readonly log: LogStore;
  readonly artifacts: ArtifactStore;
  readonly anchors: AnchorStore;
}

/** An AnchorStore that forgets with the process. */
export class MemoryAnchorStore implements AnchorStore {
  #anchor: Anchor | undefined;

  load(): Promise<Anchor | undefined> {
    return Promise.resolve(this.#anchor);
  }

  save(anchor: Anchor): Promise<void> {
    this.#anchor = anchor;
    return Promise.resolve();
  }
}
