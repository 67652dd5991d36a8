import type { AssayError } from '../errors/assay-error.ts';
import { assignmentSize, isHopeless, isSlow, nextAttemptAt, stallLimit, timeLeft } from './source-policy.ts';
import type { Assignment, SourceKind, SourceState } from './source-policy.ts';

export type { Assignment, SourceKind } from './source-policy.ts';

/** How one source has done so far in one fetch. */
export interface SourceReport {
  readonly id: string;
  readonly kind: SourceKind;
  readonly blocks: number;
  readonly state: 'active' | 'idle' | 'dropped';
  readonly reason?: AssayError;
}

/** The most sources that may be asked for one block at the same time, at the end when sources would otherwise idle. */
const MAX_ASKED_PER_BLOCK = 2;

/**
 * Decides what to ask of whom: larger pieces of faster sources, every block of one source until the end, then the slowest open
 * blocks of a second. Does nothing itself and has no clock; every `now` is in milliseconds and never goes back.
 */
export class Scheduler {
  readonly #blockSize: number;
  /** No index reaches this; lowered when the true number of blocks is known. */
  #end: number;
  #known = 0;
  readonly #done = new Set<number>();
  readonly #sources = new Map<string, SourceState>();
  readonly #open = new Map<number, Assignment>();
  #nextId = 1;

  /** `maxBlocks`: the number of blocks if none occurred twice. */
  constructor(options: { readonly blockSize: number; readonly maxBlocks: number }) {
    this.#blockSize = options.blockSize;
    this.#end = options.maxBlocks;
  }

  addSource(source: { readonly id: string; readonly kind: SourceKind }): void {
    if (this.#sources.has(source.id)) return;
    const { id, kind } = source;
    this.#sources.set(id, { id, kind, blocks: 0, failures: 0, notBefore: 0 });
  }

  /** Blocks `[0, count)` are known by reference; `total` when there are no others. */
  setKnown(count: number, total?: number): void {
    this.#known = count;
    if (total === undefined) return;
    this.#end = total;
    for (const { indexes } of this.#open.values()) {
      for (const index of indexes) if (index >= total) indexes.delete(index);
    }
  }

  /** A block is in the store; from `assignment` unless it was there before. Gives assignments that are of no more use. */
  markDone(index: number, now: number, assignment?: number): readonly number[] {
    const isNew = !this.#done.has(index);
    this.#done.add(index);
    const from = assignment === undefined ? undefined : this.#open.get(assignment);
    if (from !== undefined) this.#credit(from, now, isNew);
    const useless: number[] = [];
    for (const [id, { indexes }] of this.#open) {
      if (indexes.delete(index) && indexes.size === 0 && id !== assignment) useless.push(id);
    }
    return useless;
  }

  /** What to ask for now. Each assignment given counts as begun. */
  assign(now: number): readonly Assignment[] {
    const begun: Assignment[] = [];
    const ready = [...this.#sources.values()]
      .filter((source) => this.#isReady(source, now))
      .toSorted((a, b) => (b.rate ?? 0) - (a.rate ?? 0));
    for (const source of ready) {
      while (this.#openOf(source.id).length < 2) {
        const indexes = this.#pick(source, now);
        if (indexes.length === 0) break;
        begun.push(this.#begin(source, indexes, now));
      }
    }
    return begun;
  }

  /** The source has answered all it is going to. What it did not deliver is free again. */
  finish(assignment: number, now: number): void {
    const open = this.#close(assignment);
    const source = open && this.#sources.get(open.source);
    if (open === undefined || source === undefined || open.received === 0) return;
    source.failures = 0;
    const seconds = Math.max(now - open.startedAt, 1) / 1000;
    const rate = (open.received * this.#blockSize) / seconds;
    source.rate = source.rate === undefined ? rate : (source.rate + rate) / 2;
  }

  /** The assignment ended in an error. The source is asked again later, or dropped for good when that is hopeless. */
  fail(assignment: number, error: AssayError, now: number): void {
    const open = this.#close(assignment);
    const source = open && this.#sources.get(open.source);
    if (open === undefined || source === undefined || source.dropped !== undefined) return;
    source.failures = open.received > 0 ? 1 : source.failures + 1;
    if (isHopeless(error, source.failures)) source.dropped = error;
    else source.notBefore = nextAttemptAt(now, source.failures);
    source.lastError = error;
  }

  /** Open assignments whose source has been silent for too long, with the silence in ms. To be aborted and failed. */
  stalled(now: number): readonly { readonly assignment: number; readonly ms: number }[] {
    return [...this.#open.values()]
      .filter((open) => now - open.lastAt >= stallLimit(open))
      .map(({ id, lastAt }) => ({ assignment: id, ms: now - lastAt }));
  }

  /** True when every block is done. */
  get complete(): boolean {
    return this.#known >= this.#end && this.#done.size >= this.#end;
  }

  /** True when no source is left that may be asked, now or later. */
  get exhausted(): boolean {
    return [...this.#sources.values()].every(({ dropped }) => dropped !== undefined) && this.#open.size === 0;
  }

  reports(): readonly SourceReport[] {
    return [...this.#sources.values()].map(({ id, kind, blocks, dropped, lastError }) => {
      const state = dropped !== undefined ? 'dropped' : this.#openOf(id).length > 0 ? 'active' : 'idle';
      const reason = dropped ?? (state === 'idle' ? lastError : undefined);
      return { id, kind, blocks, state, ...(reason && { reason }) };
    });
  }

  #isReady(source: SourceState, now: number): boolean {
    return source.dropped === undefined && source.notBefore <= now;
  }

  #credit(from: Assignment, now: number, isNew: boolean): void {
    from.lastAt = now;
    from.received++;
    const source = this.#sources.get(from.source);
    if (source !== undefined && isNew) source.blocks++;
  }

  #begin(source: SourceState, indexes: readonly number[], now: number): Assignment {
    const assignment: Assignment = {
      id: this.#nextId++,
      source: source.id,
      kind: source.kind,
      indexes: new Set(indexes),
      startedAt: now,
      lastAt: now,
      received: 0,
    };
    this.#open.set(assignment.id, assignment);
    return assignment;
  }

  #close(assignment: number): Assignment | undefined {
    const open = this.#open.get(assignment);
    this.#open.delete(assignment);
    return open;
  }

  #openOf(source: string): readonly Assignment[] {
    return [...this.#open.values()].filter((open) => open.source === source);
  }

  #pick(source: SourceState, now: number): readonly number[] {
    const asked = this.#timesAsked();
    const size = assignmentSize(source, this.#blockSize);
    const fresh = this.#take(source, size, (index) => !asked.has(index));
    return fresh.length > 0 ? fresh : this.#takeFromSlowest(source, size, asked, now);
  }

  /** The first blocks that satisfy `wanted`; for a mirror only as long as they follow one another. */
  #take(source: SourceState, size: number, wanted: (index: number) => boolean): readonly number[] {
    const end = source.kind === 'mirror' ? this.#reachOfMirrors() : Math.min(this.#known, this.#end);
    const taken: number[] = [];
    for (let index = 0; index < end && taken.length < size; index++) {
      if (!this.#done.has(index) && wanted(index)) taken.push(index);
      else if (source.kind === 'mirror' && taken.length > 0) break;
    }
    return taken;
  }

  /**
   * Mirrors answer by position, so while nothing but the root is known one of them is asked for more than that: read in order,
   * each node names its children before they come.
   */
  #reachOfMirrors(): number {
    const speculate = this.#done.size === 0 && this.#open.size === 0;
    return speculate ? this.#end : Math.min(this.#known, this.#end);
  }

  #takeFromSlowest(
    source: SourceState,
    size: number,
    asked: ReadonlyMap<number, number>,
    now: number,
  ): readonly number[] {
    const slow = [...this.#open.values()]
      .filter((open) => open.source !== source.id && isSlow(open, now))
      .toSorted((a, b) => timeLeft(b, now) - timeLeft(a, now));
    for (const { indexes } of slow) {
      const repeatable = (index: number): boolean =>
        indexes.has(index) && (asked.get(index) ?? 0) < MAX_ASKED_PER_BLOCK;
      const taken = this.#take(source, size, repeatable);
      if (taken.length > 0) return taken;
    }
    return [];
  }

  #timesAsked(): Map<number, number> {
    const asked = new Map<number, number>();
    for (const { indexes } of this.#open.values()) {
      for (const index of indexes) asked.set(index, (asked.get(index) ?? 0) + 1);
    }
    return asked;
  }
}
