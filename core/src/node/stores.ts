import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { LogStore } from '../log/log-store.ts';
import type { ArtifactStore } from '../swarm/block-store.ts';
import type { ConflictProof } from '../verify/types.ts';

/** Two checkpoints of one network, each signed by a quorum, that cannot both be true. Signed-note bytes. */
export interface Conflict {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  /** Names of the authorities that provably broke the rules; more than the network can bear. */
  readonly signers?: readonly string[];
  /** Where the anchor's history and that of `second` part, if anybody could show it and they do. */
  readonly proof?: ConflictProof;
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
  /** Rejects with `E_STORE_ANCHOR` what would forget the anchor that is stored, whoever stored it; see `checkSuccessor`. */
  save(anchor: Anchor): Promise<void>;
}

/** Throws `E_STORE_ANCHOR` when `next` is smaller than `stored`, contradicts it or leaves out the conflict in it. */
export function checkSuccessor(stored: Anchor | undefined, next: Anchor): void {
  if (stored === undefined) return;
  const goesOn = next.size > stored.size || (next.size === stored.size && equalBytes(next.root, stored.root));
  const keepsConflict = stored.conflict === undefined || next.conflict !== undefined;
  if (!goesOn || !keepsConflict)
    throw new AssayError('E_STORE_ANCHOR', { stored: stored.size, size: next.size });
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

  async save(anchor: Anchor): Promise<void> {
    checkSuccessor(this.#anchor, anchor);
    this.#anchor = anchor;
    await Promise.resolve();
  }
}
