import type { Clock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { CatalogueEntry } from '@assay/core/node/catalogue.ts';
import { rootOf } from '@assay/core/node/artifact-pack.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { isVerified } from '@assay/core/verify/verdict.ts';

/** Artifacts fetched at a time; the machine also has others to serve. */
const PARALLEL = 2;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

export interface PackMirrorOptions {
  readonly node: Pick<VerifiedNode, 'fetch' | 'holds'>;
  readonly clock: Clock;
  /** Called when an artifact could not be mirrored; it is tried again. */
  readonly onFailure: (purl: string, reason: string) => void;
}

interface Job {
  readonly purl: string;
  readonly artifact: CatalogueEntry['record']['artifacts'][number];
  readonly failures: number;
}

/** Fetches and verifies every artifact of the records it is told of, the ones told of last first, until each is held. */
export class PackMirror {
  readonly #options: PackMirrorOptions;
  readonly #stop = new AbortController();
  /** Taken from the end. */
  readonly #waiting: Job[] = [];
  readonly #running = new Set<Promise<void>>();
  /** Names, in hexadecimal, of the packs that wait, are being fetched, or are to be tried again. */
  readonly #missing = new Set<string>();

  constructor(options: PackMirrorOptions) {
    this.#options = options;
  }

  /** Artifacts that are not held yet. */
  get missing(): number {
    return this.#missing.size;
  }

  /** Whether a pack is recorded in the log and only not here yet. */
  isComing(root: Uint8Array): boolean {
    return this.#missing.has(toHex(root));
  }

  /** Takes in records, in log order. */
  add(entries: readonly CatalogueEntry[]): void {
    for (const { record } of entries) {
      for (const artifact of record.artifacts) {
        this.#missing.add(toHex(rootOf(artifact)));
        this.#waiting.push({ purl: record.purl, artifact, failures: 0 });
      }
    }
    this.#start();
  }

  /** Stops fetching. What is under way is resumed after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #start(): void {
    while (!this.#stop.signal.aborted && this.#running.size < PARALLEL) {
      const job = this.#waiting.pop();
      if (job === undefined) return;
      const running = this.#mirror(job).finally(() => {
        this.#running.delete(running);
        this.#start();
      });
      this.#running.add(running);
    }
  }

  async #mirror({ purl, artifact, failures }: Job): Promise<void> {
    const { node, clock, onFailure } = this.#options;
    const { signal } = this.#stop;
    try {
      if (await node.holds(artifact)) return this.#arrived(artifact);
      const verification = await node.fetch(purl, artifact.name, { signal });
      if (isVerified(verification)) return this.#arrived(artifact);
      const broken = verification.rungs.find(({ error }) => error !== undefined);
      onFailure(purl, `${verification.verdict}: ${broken?.error?.message ?? 'no reason'}`);
    } catch (error) {
      if (signal.aborted) return;
      onFailure(purl, error instanceof Error ? error.message : String(error));
    }
    const pause = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    void clock.sleep(pause, signal).then(() => {
      this.#waiting.unshift({ purl, artifact, failures: failures + 1 });
      this.#start();
    });
  }

  #arrived(artifact: Job['artifact']): void {
    this.#missing.delete(toHex(rootOf(artifact)));
  }
}
