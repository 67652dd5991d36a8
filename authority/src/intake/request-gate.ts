import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import type { Clock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import {
  checkSignedRequest,
  decodeSignedRequest,
  type SignedRequest,
} from '@assay/core/net/signed-request.ts';
import { MAX_AUTHORITIES } from '@assay/core/records/limits.ts';
import { formatPurl, parsePurl, type Purl } from '@assay/core/records/purl.ts';
import {
  FORWARDED_BURST,
  FORWARDED_PER_SECOND,
  FORWARDED_WINDOW_SECONDS,
  MAX_KNOWN_REQUESTERS,
  REQUEST_WINDOW_SECONDS,
  type AuthorityLimits,
} from '../limits.ts';
import { TokenBucket, TokenBuckets } from './token-bucket.ts';

/** A request that was let in, and the package it is about. */
export interface AdmittedRequest {
  readonly request: SignedRequest;
  readonly purl: Purl;
}

/** Decides which requests are worked on: signed, for this network, of now, and not too many. */
export class RequestGate {
  readonly #networkId: Uint8Array;
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly #requesters: TokenBuckets;
  readonly #total: TokenBucket;
  readonly #forwarders: TokenBuckets;

  constructor(options: {
    readonly networkId: Uint8Array;
    readonly limits: AuthorityLimits;
    readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  }) {
    const { networkId, limits, clock } = options;
    this.#networkId = networkId;
    this.#clock = clock;
    const perMinute = (burst: number, rate: number) => ({ burst, perSecond: rate / 60 });
    this.#requesters = new TokenBuckets(
      perMinute(limits.requesterBurst, limits.requesterPerMinute),
      MAX_KNOWN_REQUESTERS,
    );
    this.#total = new TokenBucket(perMinute(limits.totalBurst, limits.totalPerMinute), clock.elapsed());
    this.#forwarders = new TokenBuckets(
      { burst: FORWARDED_BURST, perSecond: FORWARDED_PER_SECOND },
      MAX_AUTHORITIES,
    );
  }

  /** A request from its requester or a relay. Total. */
  admit(encoded: Uint8Array): Result<AdmittedRequest> {
    const checked = this.#check(encoded, REQUEST_WINDOW_SECONDS);
    if (!checked.ok) return checked;
    const now = this.#clock.elapsed();
    const requester = toHex(checked.value.request.requester);
    const seconds = this.#requesters.take(requester, now) ?? this.#total.take(now);
    return seconds === undefined ? checked : fail('E_REQUEST_RATE', { seconds });
  }

  /** A request that the authority named `from` has taken in and resolved to `purl`. Total. */
  admitForwarded(encoded: Uint8Array, from: string, purl: string): Result<AdmittedRequest> {
    const checked = this.#check(encoded, FORWARDED_WINDOW_SECONDS);
    if (!checked.ok) return checked;
    const resolved = parsePurl(purl);
    if (!resolved.ok) return resolved;
    const wanted = checked.value.purl;
    const version = wanted.version ?? resolved.value.version;
    if (version === undefined || formatPurl({ ...wanted, version }) !== purl) {
      return fail('E_PROTOCOL', { reason: 'the request is about another package' });
    }
    const seconds = this.#forwarders.take(from, this.#clock.elapsed());
    return seconds === undefined ? checked : fail('E_REQUEST_RATE', { seconds });
  }

  #check(encoded: Uint8Array, window: number): Result<AdmittedRequest> {
    const request = decodeSignedRequest(encoded);
    if (!request.ok) return request;
    const signed = checkSignedRequest(request.value, this.#networkId, verifyEd25519Node);
    if (!signed.ok) return signed;
    const seconds = Math.abs(this.#clock.now() - request.value.at);
    if (seconds > window) return fail('E_REQUEST_TIME', { seconds, limit: window });
    const purl = parsePurl(request.value.purl);
    return purl.ok ? ok({ request: request.value, purl: purl.value }) : purl;
  }
}
