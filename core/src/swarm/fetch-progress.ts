import type { Clock } from '../clock.ts';
import type { AssayError } from '../errors/assay-error.ts';
import type { SourceKind } from './source-policy.ts';

export type FetchPhase = 'looking' | 'connecting' | 'receiving' | 'verifying' | 'saved' | 'failed';

/** One source of a fetch, for people. */
export interface FetchSourceProgress {
  readonly id: string;
  readonly label: string;
  readonly kind: SourceKind;
  readonly transport?: string;
  /** Blocks that came from it first. */
  readonly blocks: number;
  readonly state: 'active' | 'idle' | 'dropped';
  /** Why it was dropped or is being left alone for a while. */
  readonly reason?: AssayError;
}

/** How far a fetch has come. */
export interface FetchProgress {
  readonly phase: FetchPhase;
  /** Blocks in the store, those of earlier runs included. */
  readonly received: number;
  /** Blocks in the pack; an upper bound until all inner nodes are there. */
  readonly total: number;
  /** received × block size. */
  readonly bytes: number;
  /** Bytes of the decoded artifact. */
  readonly size: number;
  /** Over the last few seconds; 0 when nothing comes. */
  readonly bytesPerSecond: number;
  readonly sources: readonly FetchSourceProgress[];
  readonly error?: AssayError;
}

const WINDOW_MS = 3000;

/** Bytes per second over the last three seconds. */
export class RateMeter {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #startedAt: number;
  #samples: { at: number; bytes: number }[] = [];

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
    this.#startedAt = clock.elapsed();
  }

  add(bytes: number): void {
    this.#samples.push({ at: this.#clock.elapsed(), bytes });
  }

  get bytesPerSecond(): number {
    const now = this.#clock.elapsed();
    this.#samples = this.#samples.filter(({ at }) => now - at < WINDOW_MS);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    const span = Math.max(1, Math.min(WINDOW_MS, now - this.#startedAt));
    return Math.round((bytes * 1000) / span);
  }
}
