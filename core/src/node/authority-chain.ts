import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { LogStore } from '../log/log-store.ts';
import { throwIfAborted, withDeadline } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import {
  decodeHandoffLink,
  encodeHandoffLink,
  handoffPath,
  MAX_HANDOFF_LINK_BYTES,
} from '../records/handoff.ts';
import { extendTrust } from '../records/trust-chain.ts';
import type { NetworkTrust } from '../records/types.ts';
import { closingHead, type SignedHead } from './closing-head.ts';
import type { Contradiction } from './conflict.ts';
import { asAssayError, refusedSource, type RefusedSource } from './refused-source.ts';

/** Longest wait for one source's hand-off. */
const TIMEOUT_MS = 10_000;
/** How many epochs back a source is asked who it thinks took over, once its checkpoint is signed by strangers. */
const MAX_EPOCHS_BACK = 8;

/** Who the authorities are, as far as sources could show. */
export interface Followed {
  /** Not believed before a checkpoint is shown to contain the trees that its new epochs began with: see `keep`. */
  readonly trust: NetworkTrust;
  /** Sources that sent a hand-off that does not count. */
  readonly refused: readonly RefusedSource[];
  /** Two hand-offs of one epoch that both count: its authorities have named two successors. */
  readonly rivals?: Contradiction;
}

export interface AuthorityChainOptions {
  readonly trust: NetworkTrust;
  readonly store: LogStore;
  readonly verifySignature: VerifyEd25519Async;
}

/** What a node knows of the authorities of every epoch: begins with what is pinned and follows hand-offs, keeping each. */
export class AuthorityChain {
  readonly #options: AuthorityChainOptions;
  #trust: NetworkTrust;

  private constructor(options: AuthorityChainOptions, trust: NetworkTrust) {
    this.#options = options;
    this.#trust = trust;
  }

  /** Follows the hand-offs that are stored, checking them anew, as far as they lead. */
  static async open(options: AuthorityChainOptions): Promise<AuthorityChain> {
    let { trust } = options;
    for (;;) {
      const stored = await options.store.read(handoffPath(trust.current.epoch + 1));
      const link = stored && decodeHandoffLink(stored);
      const next = link?.ok ? await extendTrust(trust, link.value, options.verifySignature) : undefined;
      if (next?.ok !== true) return new AuthorityChain(options, trust);
      trust = next.value;
    }
  }

  /** All epochs that a checkpoint which was accepted rests on. */
  get trust(): NetworkTrust {
    return this.#trust;
  }

  /**
   * Asks every source for the hand-off to the next epoch, and the next, until nobody has one. Stops at two that contradict each
   * other. Rejects only with `E_ABORTED`.
   */
  async follow(sources: readonly LogSource[], clock: Clock, signal?: AbortSignal): Promise<Followed> {
    const refused: RefusedSource[] = [];
    let trust = this.#trust;
    let asked = sources;
    for (;;) {
      const answers = await Promise.all(asked.map((source) => this.#ask(source, trust, clock, signal)));
      throwIfAborted(signal);
      for (const { source, error } of answers) {
        if (error !== undefined) refused.push(refusedSource(source.id, error));
      }
      const found = answers.flatMap(({ source, next }) => (next === undefined ? [] : [{ source, next }]));
      const [first] = found;
      if (first === undefined) return { trust, refused };
      const other = found.find(({ next }) => !isSameEpoch(first.next, next));
      if (other !== undefined) {
        return { trust, refused, rivals: rivalsOf(first.next, other.next, other.source) };
      }
      trust = first.next;
      asked = found.map(({ source }) => source);
    }
  }

  /**
   * Whether a source whose checkpoint is signed by strangers can show that they took over from authorities known here, in place of
   * those that did. Rejects only with `E_ABORTED`.
   */
  async rivalsOf(
    source: LogSource,
    trust: NetworkTrust,
    clock: Clock,
    signal?: AbortSignal,
  ): Promise<Contradiction | undefined> {
    const { epoch: newest } = trust.current;
    for (let epoch = newest; epoch > Math.max(1, newest - MAX_EPOCHS_BACK); epoch--) {
      const before = upToEpoch(trust, epoch - 1);
      const { next } = await this.#ask(source, before, clock, signal);
      throwIfAborted(signal);
      if (next === undefined) continue;
      const ours = upToEpoch(trust, epoch);
      return isSameEpoch(ours, next) ? undefined : rivalsOf(ours, next, source);
    }
    return undefined;
  }

  /** From now on believes the epochs of `trust` that began at or below `size`: a checkpoint of that size contains their beginnings. */
  async keep(trust: NetworkTrust, size: number): Promise<void> {
    const epoch = trust.sets.findLast(({ since }) => since <= size)?.epoch ?? 1;
    const kept = upToEpoch(trust, epoch);
    const known = this.#trust.links.length;
    if (kept.links.length <= known) return;
    const files = kept.links
      .slice(known)
      .map((link, index) => [handoffPath(known + index + 2), encodeHandoffLink(link)] as const);
    await this.#options.store.write(new Map(files));
    this.#trust = kept;
  }

  async #ask(
    source: LogSource,
    trust: NetworkTrust,
    clock: Clock,
    signal?: AbortSignal,
  ): Promise<{ source: LogSource; next?: NetworkTrust; error?: AssayError }> {
    const path = handoffPath(trust.current.epoch + 1);
    try {
      const bytes = await withDeadline(clock, TIMEOUT_MS, signal, (inner) => source.read(path, inner));
      try {
        if (bytes.length > MAX_HANDOFF_LINK_BYTES)
          throw new AssayError('E_RESPONSE_TOO_LARGE', { limit: MAX_HANDOFF_LINK_BYTES });
        const link = unwrap(decodeHandoffLink(bytes));
        return { source, next: unwrap(await extendTrust(trust, link, this.#options.verifySignature)) };
      } catch (cause) {
        return { source, error: asAssayError(cause) };
      }
    } catch {
      // It has none, or cannot be reached: its checkpoint will tell which.
      return { source };
    }
  }
}

/** The trees that the epochs of `trust` above `known` began with, oldest first. */
export function newHeads(trust: NetworkTrust, known: NetworkTrust): readonly SignedHead[] {
  return trust.sets.slice(known.sets.length).map(({ epoch }) => closingHead(trust, epoch));
}

function upToEpoch(trust: NetworkTrust, epoch: number): NetworkTrust {
  const [first, ...later] = trust.sets;
  const sets = [first, ...later.slice(0, epoch - 1)] as const;
  return { ...trust, sets, current: sets.at(-1) ?? first, links: trust.links.slice(0, epoch - 1) };
}

/** A hand-off may be cosigned by one quorum or another; what counts is what it says. */
function isSameEpoch(a: NetworkTrust, b: NetworkTrust): boolean {
  const { epoch, setHash } = a.current;
  const [ours, theirs] = [closingHead(a, epoch), closingHead(b, epoch)];
  const isSameTree = ours.size === theirs.size && equalBytes(ours.root, theirs.root);
  return isSameTree && equalBytes(setHash, b.current.setHash);
}

function rivalsOf(ours: NetworkTrust, theirs: NetworkTrust, source: LogSource): Contradiction {
  const { epoch } = ours.current;
  return { first: closingHead(ours, epoch), second: closingHead(theirs, epoch), sources: [source] };
}
