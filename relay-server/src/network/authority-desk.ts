import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { decodeSignedRequest } from '@assay/core/net/signed-request.ts';
import { isLoopback } from '../limits/ip-address.ts';
import { TokenBuckets, type BucketLimits } from '../limits/token-buckets.ts';
import type { AuthorityLink } from './authority-link.ts';

/** Requests of which the relay remembers who took them, about 200 bytes each; for others, all authorities are asked. */
const MAX_REMEMBERED = 10_000;
/** How often all authorities are tried in a row without any progress before the asker is told. */
const MAX_ROUNDS = 3;

/** Failures of the way to an authority, or of one that has just left, not of the request: another authority may answer. */
const TRY_ANOTHER: readonly string[] = [
  'E_UNREACHABLE',
  'E_TIMEOUT',
  'E_STREAM_CLOSED',
  'E_PROTOCOL',
  'E_NOT_AN_AUTHORITY',
];
const UNKNOWN_THERE: readonly string[] = ['E_REQUEST_UNKNOWN', 'E_NOT_FOUND'];

/** A person asks for a package now and then; a list of them at once is fine. */
const ASKER_LIMITS: BucketLimits = { burst: 60, perSecond: 1 };
/** All askers together: what the authorities are to be troubled with by one relay. */
const TOTAL_LIMITS: BucketLimits = { burst: 600, perSecond: 20 };
const EVERYBODY = 'everybody';

type Desk = Pick<AuthorityLink, 'name' | 'reachable' | 'requests'>;

/** Passes requests on to an authority that can be reached, and follows them there or, when it is lost, elsewhere. */
export class AuthorityDesk implements RequestDesk {
  readonly #links: readonly Desk[];
  /** Who took a request, by its id, oldest first. */
  readonly #takers = new Map<string, Desk>();
  readonly #buckets: TokenBuckets;
  #turn = 0;

  /** `elapsed` gives milliseconds on a clock that never goes back. */
  constructor(links: readonly Desk[], elapsed: () => number) {
    this.#links = links;
    this.#buckets = new TokenBuckets(elapsed);
  }

  /** `asker` is an address or a peer id. Throws `E_HTTP_RATE` when it asks too much. */
  async submit(request: Uint8Array, asker: string): Promise<RequestProgress> {
    if (!isLoopback(asker)) this.#limit(asker);
    const signed = unwrap(decodeSignedRequest(request));
    for (const link of this.#inTurn()) {
      try {
        const progress = await link.requests.submit(signed);
        this.#remember(progress.id, link);
        return progress;
      } catch (error) {
        if (!isOneOf(error, TRY_ANOTHER)) throw error;
      }
    }
    throw this.#noAuthority();
  }

  async *follow(id: string, signal?: AbortSignal): AsyncGenerator<RequestProgress> {
    for (let fruitless = 0; fruitless < MAX_ROUNDS; fruitless++) {
      let unknown = 0;
      const links = this.#takerFirst(id);
      for (const link of links) {
        try {
          for await (const progress of link.requests.follow(id, signal)) {
            fruitless = 0;
            this.#remember(id, link);
            yield progress;
            if (isSettled(progress)) return;
          }
        } catch (error) {
          throwIfAborted(signal);
          if (isOneOf(error, UNKNOWN_THERE)) unknown++;
          else if (!isOneOf(error, TRY_ANOTHER)) throw error;
        }
      }
      if (unknown > 0 && unknown === links.length) throw new AssayError('E_REQUEST_UNKNOWN', { id });
    }
    throw this.#noAuthority();
  }

  #limit(asker: string): void {
    const wait = this.#buckets.take(asker, ASKER_LIMITS) || this.#buckets.take(EVERYBODY, TOTAL_LIMITS);
    if (wait > 0) throw new AssayError('E_HTTP_RATE', { seconds: Math.ceil(wait / 1000) });
  }

  /** Those that can be reached first, each time beginning with another one. */
  #inTurn(): readonly Desk[] {
    const start = this.#links.length === 0 ? 0 : this.#turn++ % this.#links.length;
    const rotated = [...this.#links.slice(start), ...this.#links.slice(0, start)];
    return rotated.toSorted((a, b) => Number(b.reachable) - Number(a.reachable));
  }

  #takerFirst(id: string): readonly Desk[] {
    const taker = this.#takers.get(id);
    const others = this.#inTurn().filter((link) => link !== taker);
    return taker === undefined ? others : [taker, ...others];
  }

  #remember(id: string, link: Desk): void {
    this.#takers.delete(id);
    this.#takers.set(id, link);
    for (const oldest of this.#takers.keys()) {
      if (this.#takers.size <= MAX_REMEMBERED) return;
      this.#takers.delete(oldest);
    }
  }

  #noAuthority(): AssayError {
    return new AssayError('E_NO_AUTHORITY', { count: this.#links.length });
  }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return isAssayError(error) && codes.includes(error.code);
}
