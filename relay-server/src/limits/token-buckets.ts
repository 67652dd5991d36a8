/** How much one address may ask for. */
export interface BucketLimits {
  /** What may be asked at once after a rest. */
  readonly burst: number;
  /** What may be asked in the long run. */
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Addresses remembered at a time, about 100 bytes each. Who is forgotten starts with a full bucket. */
const MAX_BUCKETS = 20_000;

/** A token bucket for each address (RFC 2697 in spirit). Bounded: the address heard of least lately is forgotten first. */
export class TokenBuckets {
  readonly #elapsed: () => number;
  /** Least lately used first. */
  readonly #buckets = new Map<string, Bucket>();

  /** `elapsed` gives milliseconds on a clock that never goes back. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** Takes one token. Gives 0, or the milliseconds until there will be one. */
  take(address: string, { burst, perSecond }: BucketLimits): number {
    const now = this.#elapsed();
    const known = this.#buckets.get(address) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, known.tokens + ((now - known.at) / 1000) * perSecond);
    const left = tokens >= 1 ? tokens - 1 : tokens;
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: left, at: now });
    this.#makeRoom();
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
  }

  #makeRoom(): void {
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_BUCKETS) return;
      this.#buckets.delete(oldest);
    }
  }
}
