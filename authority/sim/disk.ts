import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { blockToCbor, hashBytes } from '../src/consensus/block.ts';
import type { Write } from '../src/consensus/events.ts';
import { evidenceToCbor } from '../src/consensus/evidence.ts';
import { MemoryStore } from '../src/consensus/memory-store.ts';
import type { Recovered } from '../src/consensus/store.ts';
import { certificateToCbor, voteToCbor } from '../src/consensus/vote.ts';
import type { Covered } from './coverage.ts';
import { DurableIndex } from './durable-index.ts';
import { encodeFrames, readFrames } from './journal-frames.ts';
import type { Unsynced } from './plan.ts';

/**
 * The disk of one process: a journal of commits, of which the last ones may not be synced. What a restart finds is what the
 * journal's bytes give, read back into a store of the production code.
 */
export class Disk {
  readonly #random: () => number;
  #frames: (readonly Write[])[] = [];
  #staged: (readonly Write[])[] = [];
  #store = new MemoryStore();
  #index = new DurableIndex();
  /** Milliseconds that every commit takes longer. */
  delay = 0;
  isFailing = false;
  /** Heads up to which the log's own files are on disk, as `size root`. */
  readonly logHeads = new Set<string>();
  /** Why the owner must not vote: its journal was damaged. */
  #amnesia: string | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  get store(): MemoryStore {
    return this.#store;
  }

  /** What is durable, to look things up in. */
  get durable(): DurableIndex {
    return this.#index;
  }

  /** Commits synced so far. */
  get commits(): number {
    return this.#frames.length;
  }

  /** Takes in writes that are not durable yet. */
  stage(writes: readonly Write[]): void {
    this.#staged.push(writes);
  }

  /** Makes the oldest staged writes durable. */
  sync(): readonly Write[] {
    const writes = this.#staged.shift() ?? [];
    this.#apply(writes);
    return writes;
  }

  /** The process is gone; says what became of what was not synced. */
  crash(unsynced: Unsynced): Covered | undefined {
    const staged = this.#staged;
    this.#staged = [];
    if (staged.length === 0) return undefined;
    if (unsynced === 'lost') return 'unsynced writes lost';
    const journal = encodeFrames(staged.map(payloadOf));
    const torn = 1 + Math.floor(this.#random() * (journal.length - 1));
    const { whole } = readFrames(unsynced === 'kept' ? journal : journal.subarray(0, torn));
    for (const writes of staged.slice(0, whole)) this.#apply(writes);
    return unsynced === 'kept' ? 'unsynced writes kept' : 'torn tail cut';
  }

  /** Flips a bit before the last frame; says whether a reader notices. An empty journal has nothing to flip. */
  flipByte(): boolean {
    if (this.#frames.length < 2) return false;
    const payloads = this.#frames.map(payloadOf);
    const journal = encodeFrames(payloads);
    const safe = 8 + (payloads.at(-1)?.length ?? 0);
    const at = Math.floor(this.#random() * (journal.length - safe));
    journal[at] = (journal[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    if (readFrames(journal).end !== 'damaged') return false;
    this.#amnesia = 'its journal was damaged, so it may have forgotten votes';
    this.#reset([[{ kind: 'amnesia', reason: this.#amnesia }]]);
    return true;
  }

  /** Goes back to what was durable after `commits` commits. */
  goBackTo(commits: number): void {
    this.#reset(this.#frames.slice(0, commits));
  }

  recover(): Recovered {
    return this.#store.recover();
  }

  #reset(frames: readonly (readonly Write[])[]): void {
    this.#frames = [];
    this.#staged = [];
    this.#store = new MemoryStore();
    this.#index = new DurableIndex();
    for (const writes of frames) this.#apply(writes);
  }

  #apply(writes: readonly Write[]): void {
    this.#frames.push(writes);
    this.#store.commit(writes);
    for (const write of writes) this.#index.add(write);
  }
}

/** The bytes of a commit as far as a checksum cares. */
function payloadOf(writes: readonly Write[]): Uint8Array {
  return encodeCbor(
    writes.map((write) => {
      switch (write.kind) {
        case 'vote':
          return { kind: write.kind, vote: voteToCbor(write.vote) };
        case 'certificate':
          return { kind: write.kind, certificate: certificateToCbor(write.certificate) };
        case 'block':
          return { kind: write.kind, block: blockToCbor(write.block) };
        case 'final':
          return { kind: write.kind, digest: hashBytes(write.final.digest) };
        case 'cosigned':
          return { kind: write.kind, size: write.head.size, root: hashBytes(write.head.root) };
        case 'evidence':
          return { kind: write.kind, evidence: evidenceToCbor(write.evidence) };
        case 'amnesia':
          return { kind: write.kind, reason: write.reason };
        default:
          return write satisfies never;
      }
    }),
  );
}
