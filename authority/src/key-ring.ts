import { forgetSigningKey } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { AuthorityIdentity } from '@assay/core/records/types.ts';
import {
  identityOf,
  loadKeys,
  newPair,
  newSeed,
  replaceKeys,
  type KeyFile,
  type SigningPair,
} from './keys.ts';

/** A pair, and the epoch it was made for; none when it has been there from the start or is in force. */
export interface HeldPair {
  readonly epoch: number | undefined;
  readonly voteKey: Uint8Array;
  readonly cosignKey: Uint8Array;
}

/**
 * The keys of one authority over the epochs: those in force, and those it has offered for the next epoch. What is offered is on
 * disk before anyone hears of it; what no epoch needs any more is erased.
 */
export class KeyRing {
  readonly #dataDir: string;
  #keys: KeyFile;
  #seeds: ReadonlyMap<string, Uint8Array>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(dataDir: string, keys: KeyFile) {
    this.#dataDir = dataDir;
    this.#keys = keys;
    this.#seeds = seedsOf(keys);
  }

  /** Opens the keys of a data folder. Throws `E_AUTHORITY_CONFIG`. */
  static async open(dataDir: string): Promise<KeyRing> {
    return new KeyRing(dataDir, await loadKeys(dataDir));
  }

  get name(): string {
    return this.#keys.name;
  }

  /** The keys that never change while the authority is the same: 32-byte seeds. */
  get lasting(): { readonly build: Uint8Array; readonly peer: Uint8Array; readonly log: Uint8Array } {
    return this.#keys;
  }

  /** What this authority is known by, or would be if it became one now. */
  get identity(): AuthorityIdentity {
    return identityOf(this.#keys);
  }

  /** Seeds that belong to this authority's identity. */
  get seeds(): Omit<KeyFile, 'fresh'> {
    return this.#keys;
  }

  /** Every pair of vote and cosign key that is held, by their public sides. */
  get pairs(): readonly HeldPair[] {
    const held = (pair: SigningPair, epoch: number | undefined): HeldPair => ({
      epoch,
      voteKey: publicKeyFromSeed(pair.vote),
      cosignKey: publicKeyFromSeed(pair.cosign),
    });
    return [held(this.#keys, undefined), ...this.#keys.fresh.map((pair) => held(pair, pair.epoch))];
  }

  /** Public vote keys of all pairs that are held. */
  voteKeys(): readonly Uint8Array[] {
    return this.pairs.map(({ voteKey }) => voteKey);
  }

  /** The seed behind a public vote key; undefined for a key of somebody else, or one that was erased. */
  voteSeed(publicKey: Uint8Array): Uint8Array | undefined {
    return this.#seeds.get(`vote ${toHex(publicKey)}`);
  }

  cosignSeed(publicKey: Uint8Array): Uint8Array | undefined {
    return this.#seeds.get(`cosign ${toHex(publicKey)}`);
  }

  logSeed(publicKey: Uint8Array): Uint8Array | undefined {
    return this.#seeds.get(`log ${toHex(publicKey)}`);
  }

  /** The pair to offer for `epoch`: always the same one, on disk before it is given. */
  async freshPair(epoch: number): Promise<SigningPair> {
    return await this.#exclusively(async () => {
      const known = this.#keys.fresh.find((pair) => pair.epoch === epoch);
      if (known !== undefined) return known;
      const pair = { epoch, ...newPair() };
      await this.#store({ ...this.#keys, fresh: [...this.#keys.fresh, pair] });
      return pair;
    });
  }

  /**
   * Erases what `epoch` and later ones do not need; to be called once the hand-off to it is final. `own` is what the set of
   * that epoch knows this authority by. One that is not in it but has been gets a new pair for the day it comes back: the old one
   * has signed (`hasSigned` knows its vote key), and whoever stole it later could sign old history anew.
   */
  async settle(
    epoch: number,
    own: AuthorityIdentity | undefined,
    hasSigned: (voteKey: Uint8Array) => boolean,
  ): Promise<void> {
    await this.#exclusively(async () => {
      const { fresh, ...base } = this.#keys;
      const later = fresh.filter((pair) => pair.epoch > epoch);
      const pair = own === undefined ? this.#unsigned(hasSigned) : this.#pairOf(own);
      if (pair.vote === base.vote && later.length === fresh.length) return;
      await this.#store({ ...base, ...pair, fresh: later });
    });
  }

  /**
   * Puts new keys in the place of all that sign, for an authority that may have forgotten what it signed: whoever joins anew may
   * bring none of the old ones. Its node stays what it is.
   */
  async renew(): Promise<void> {
    await this.#exclusively(() =>
      this.#store({ ...this.#keys, ...newPair(), log: newSeed(), build: newSeed(), fresh: [] }),
    );
  }

  #pairOf({ voteKey, cosignKey }: AuthorityIdentity): SigningPair {
    const vote = this.voteSeed(voteKey);
    const cosign = this.cosignSeed(cosignKey);
    const { vote: baseVote, cosign: baseCosign } = this.#keys;
    return vote && cosign ? { vote, cosign } : { vote: baseVote, cosign: baseCosign };
  }

  #unsigned(hasSigned: (voteKey: Uint8Array) => boolean): SigningPair {
    const { vote, cosign } = this.#keys;
    return hasSigned(publicKeyFromSeed(vote)) ? newPair() : { vote, cosign };
  }

  async #store(keys: KeyFile): Promise<void> {
    await replaceKeys(this.#dataDir, keys);
    const before = new Map([...this.#seeds, ['build', this.#keys.build]]);
    this.#keys = keys;
    this.#seeds = seedsOf(keys);
    // What is erased on disk must not stay ready in memory until the next start.
    const kept = new Set([keys.build, ...this.#seeds.values()].map(toHex));
    for (const seed of before.values()) if (!kept.has(toHex(seed))) forgetSigningKey(seed);
  }

  /** One change of the file after the other. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}

function seedsOf(keys: KeyFile): ReadonlyMap<string, Uint8Array> {
  const seeds = new Map<string, Uint8Array>();
  const add = (job: 'vote' | 'cosign' | 'log', seed: Uint8Array): void => {
    seeds.set(`${job} ${toHex(publicKeyFromSeed(seed))}`, seed);
  };
  add('log', keys.log);
  for (const { vote, cosign } of [keys, ...keys.fresh]) {
    add('vote', vote);
    add('cosign', cosign);
  }
  return seeds;
}
