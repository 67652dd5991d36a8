import type { BlockSize } from '../eris/capability.ts';

/** What is asked for when a pack is begun. All of it comes out of a verified record. */
export interface PackDescription {
  /** 32-byte reference of the root block; the name of the pack. */
  readonly root: Uint8Array;
  /** The 66-byte ERIS read capability. */
  readonly capability: Uint8Array;
  readonly blockSize: BlockSize;
  /** Bytes of the decoded artifact. */
  readonly contentSize: number;
  /** The version for which the pack was first fetched. Another version with the same bytes shares the pack. */
  readonly purl: string;
  /** File name of the artifact. */
  readonly name: string;
}

/** A pack as the store knows it. */
export interface PackInfo extends PackDescription {
  /** Blocks stored so far; all of them when complete. */
  readonly blockCount: number;
  /** blockCount × blockSize. */
  readonly bytes: number;
  /** False while a fetch is under way or was interrupted; only complete packs can be read. */
  readonly complete: boolean;
  /** Pinned packs are never evicted. */
  readonly pinned: boolean;
  /** Unix seconds of the last read or write, for eviction. */
  readonly lastUsed: number;
}

/**
 * A pack being written. Blocks are given one by one in any order, each already checked against its reference;
 * they survive a crash, yet nobody but this handle can read them before `commit`.
 */
export interface PackWriterHandle {
  /** Indexes of the blocks that are already stored, in this or an earlier run. */
  have(): ReadonlySet<number>;
  put(index: number, block: Uint8Array): Promise<void>;
  /** A block put earlier. */
  read(index: number): Promise<Uint8Array | undefined>;
  /** Forgets one stored block, when what an earlier run left turns out to be damaged. */
  drop(index: number): Promise<void>;
  /**
   * Makes the pack readable, all at once and durably. `references[i]` names block i; every block must have been put.
   * To be called only after the whole artifact was verified.
   */
  commit(references: readonly Uint8Array[]): Promise<void>;
  /** Lets go of the handle; what was put stays for the next `begin`. Closing twice is no error. */
  close(): Promise<void>;
}

/**
 * Packs of verified artifacts. Rejections are AssayErrors: `E_STORE_FULL` when the quota is reached and nothing can be
 * evicted, `E_STORE` when the platform fails.
 */
export interface ArtifactStore {
  /** True when the pack is complete. */
  has(root: Uint8Array): Promise<boolean>;
  info(root: Uint8Array): Promise<PackInfo | undefined>;
  list(): Promise<readonly PackInfo[]>;
  /** Opens a pack for writing, new or where an earlier run stopped. Only one handle per pack may be open. */
  begin(description: PackDescription): Promise<PackWriterHandle>;
  /** Block `index` of a complete pack. */
  readBlock(root: Uint8Array, index: number): Promise<Uint8Array | undefined>;
  /** A block of a complete pack by its reference. */
  findBlock(root: Uint8Array, reference: Uint8Array): Promise<Uint8Array | undefined>;
  /** Moves a pack to the young end of the eviction order. */
  touch(root: Uint8Array): Promise<void>;
  pin(root: Uint8Array, pinned: boolean): Promise<void>;
  /** Deletes a pack, complete or not. */
  remove(root: Uint8Array): Promise<void>;
  /** Bytes of all stored blocks. */
  usage(): Promise<number>;
}
