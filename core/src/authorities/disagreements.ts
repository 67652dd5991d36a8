import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { ok } from '../errors/result.ts';
import type { LogStore } from '../log/log-store.ts';
import type { LogSource } from '../net/sources.ts';
import type { Catalogue, CatalogueEntry } from '../node/catalogue.ts';
import { agreementEvidence } from '../node/gather-evidence.ts';
import { bitmapIndices } from '../records/bitmap.ts';
import { setOfEpoch } from '../records/network.ts';
import type { NetworkTrust } from '../records/types.ts';
import { checkAgreement } from '../verify/check-agreement.ts';
import type { BuilderOutcome } from '../verify/types.ts';

/** Newest records that are looked through. */
const NEWEST_RECORDS = 500;
/** Bundles of attestations fetched and checked for one answer: some kilobytes each. */
const MOST_BUNDLES = 25;
/** Bundles asked for at a time. */
const AT_ONCE = 4;

/** A logged version on which some authorities did not agree, and what each of them attested. */
export interface Disagreement {
  readonly index: number;
  readonly purl: string;
  /** Unix seconds. */
  readonly time?: number;
  readonly outcomes: readonly BuilderOutcome[];
}

/** What a search for disagreements came to. */
export interface DisagreementAnswer {
  /** Newest first. */
  readonly found: readonly Disagreement[];
  /** Newest records that were considered. */
  readonly considered: number;
  /** Of them, those that do not name every authority and whose attestations were checked here. */
  readonly checked: number;
  /** Those whose attestations could not be had, or do not hold. */
  readonly unread: number;
  /** Those that were left for want of time, the oldest. */
  readonly left: number;
}

export interface DisagreementPorts {
  readonly store: LogStore;
  readonly sources: () => readonly LogSource[];
  readonly clock: Clock;
  readonly verifySignature: VerifyEd25519Async;
}

/** Finds logged versions on which authorities disagreed. Every attestation behind an answer is checked here, once. */
export class DisagreementSearch {
  readonly #ports: DisagreementPorts;
  /** What was found out, by log index; agreed records as an empty list. */
  readonly #known = new Map<number, readonly BuilderOutcome[]>();

  constructor(ports: DisagreementPorts) {
    this.#ports = ports;
  }

  /** Looks through the newest records. A record that names every authority cannot hide a disagreement and costs nothing. */
  async among(catalogue: Catalogue, trust: NetworkTrust, signal?: AbortSignal): Promise<DisagreementAnswer> {
    const newest = catalogue.recent(NEWEST_RECORDS);
    const doubtful = newest.filter((entry) => !isUnanimous(entry, trust));
    const taken = doubtful.slice(0, MOST_BUNDLES);
    for (let from = 0; from < taken.length; from += AT_ONCE) {
      await Promise.all(taken.slice(from, from + AT_ONCE).map((entry) => this.#look(entry, trust, signal)));
    }
    const checked = taken.filter(({ index }) => this.#known.has(index));
    return {
      found: checked.flatMap((entry) => this.#disagreement(entry)),
      considered: newest.length,
      checked: checked.length,
      unread: taken.length - checked.length,
      left: doubtful.length - taken.length,
    };
  }

  async #look({ index, record }: CatalogueEntry, trust: NetworkTrust, signal?: AbortSignal): Promise<void> {
    if (this.#known.has(index)) return;
    const { store, sources, clock, verifySignature } = this.#ports;
    const ports = { store, sources: sources(), clock };
    const bundle = await agreementEvidence(record.provenance.evidence, ports, signal);
    const { state, value } = await checkAgreement(bundle, record, ok(trust), verifySignature);
    if (state === 'pass' && value !== undefined) this.#known.set(index, value);
  }

  #disagreement({ index, record: { purl }, time }: CatalogueEntry): Disagreement[] {
    const outcomes = this.#known.get(index) ?? [];
    const isDisputed = outcomes.some(({ outcome }) => outcome === 'dissented' || outcome === 'failed');
    return isDisputed ? [{ index, purl, ...(time !== undefined && { time }), outcomes }] : [];
  }
}

function isUnanimous({ record: { epoch, provenance } }: CatalogueEntry, trust: NetworkTrust): boolean {
  const count = setOfEpoch(trust, epoch)?.authorities.length;
  if (count === undefined) return false;
  return bitmapIndices(provenance.builders, count)?.length === count;
}
