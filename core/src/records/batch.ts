import { fail, ok, type Result } from '../errors/result.ts';
import { checkMapRoot, checkNext } from './batch-rules.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import type { EpochState } from './epoch-state.ts';
import { emptyHead, headAfter, stateRecordAt, type LogHead, type NamedHead } from './log-head.ts';
import type { PackageMap } from './package-map.ts';
import { scanRecord } from './scan-record.ts';
import type { LogRecord, NetworkTrust, StateRecord } from './types.ts';

/**
 * The rules of the log that depend on what came before, as every client applies them while replaying: a batch is one or more
 * records and a state record that sums them up; a version enters once, ever; an epoch ends with a change of its authorities and
 * the next begins with the hand-off that the trust knows. Pure; an entry that is refused leaves the state as it was. Bytes only:
 * the tree over the entries is `TiledLog`'s business, `handoffs` says what has to be compared with it.
 */
export class LogState {
  #trust: NetworkTrust;
  readonly #versions: Map<string, number>;
  #head: LogHead;

  /** The state of an empty log. */
  constructor(trust: NetworkTrust) {
    this.#trust = trust;
    this.#versions = new Map();
    this.#head = emptyHead(trust);
  }

  /** Entries applied. */
  get size(): number {
    return this.#head.size;
  }

  /** Height of the last whole batch; -1 before genesis. */
  get height(): number {
    return this.#head.height;
  }

  /** Unix seconds of the last whole batch; before genesis, of its creation. */
  get time(): number {
    return this.#head.time;
  }

  /** Whether the last entry ended a batch. A log that can be cosigned always does. */
  get atBatchEnd(): boolean {
    return this.#head.size === this.#head.batchStart;
  }

  /** The epoch in force: who its authorities are, who is suspended, whether it is closed. */
  get epoch(): EpochState {
    return this.#head.epoch;
  }

  /** The tree heads that hand-offs in the log name, oldest first. */
  get handoffs(): readonly NamedHead[] {
    return this.#head.handoffs;
  }

  /** Whether `purl` has its record. */
  hasPackageVersion(purl: string): boolean {
    return this.#versions.has(purl);
  }

  /** Log index of the record of `purl`. */
  indexOf(purl: string): number | undefined {
    return this.#versions.get(purl);
  }

  /** All that the log says of each package. Never changed in place. */
  get packages(): PackageMap {
    return this.#head.packages;
  }

  /** Goes on with the trust in the same network after more hand-offs were followed. */
  learn(trust: NetworkTrust): void {
    this.#trust = trust;
  }

  /** A copy that goes its own way from here. */
  clone(): LogState {
    const copy = new LogState(this.#trust);
    for (const [purl, index] of this.#versions) copy.#versions.set(purl, index);
    copy.#head = this.#head;
    return copy;
  }

  /**
   * The state record that ends a batch of `records`, which have to keep the rules. The time is never set back. `announced` is the
   * hash of the next epoch's set, for a batch that closes this one.
   */
  nextState(records: readonly LogRecord[], time: number, announced?: Uint8Array): StateRecord {
    const { origin } = this.#trust.genesis;
    const head = records.reduce(
      (before, record) => headAfter(before, origin, record, encodeRecord(record)),
      this.#head,
    );
    return stateRecordAt(head, time, announced);
  }

  /**
   * Applies the next entry of the log and gives its record, which may decode its parts only when they are asked for and until then
   * needs the bytes of the entry. Computing the root of the map of packages is a third of the work: who replays many batches may leave
   * it out with `looksAtMap: false`, and has to ask `checkMapRoot` at the end. The entry's leaf hash may be known already.
   */
  applyEntry(
    entry: Uint8Array,
    { looksAtMap = true, leaf }: { looksAtMap?: boolean; leaf?: Uint8Array | undefined } = {},
  ): Result<LogRecord> {
    const scanned = scanRecord(entry);
    const record = scanned === undefined ? decodeRecord(entry) : ok<LogRecord>(scanned);
    if (!record.ok) return record;
    const indexOf = (purl: string) => this.#versions.get(purl);
    const rules = { trust: this.#trust, indexOf, looksAtMap };
    const checked = checkNext(this.#head, record.value, entry, rules);
    if (!checked.ok) return checked;
    if (record.value.kind === 'artifact-add') this.#versions.set(record.value.purl, this.#head.size);
    this.#head = headAfter(this.#head, this.#trust.genesis.origin, record.value, entry, leaf);
    return record;
  }

  /** Whether the last state record names the root of the map that all records before it make. Fails with `E_BATCH_STATE`. */
  checkMapRoot(): Result<void> {
    return checkMapRoot(this.#head);
  }

  /** Applies one whole batch or nothing of it. */
  applyBatch(entries: readonly Uint8Array[]): Result<void> {
    if (!this.atBatchEnd) return this.#malformed('the batch before it has no state record');
    const before = this.#head;
    const added: string[] = [];
    const applied = this.#applyAll(entries, added);
    if (!applied.ok) {
      for (const purl of added) this.#versions.delete(purl);
      this.#head = before;
    }
    return applied;
  }

  #applyAll(entries: readonly Uint8Array[], added: string[]): Result<void> {
    for (const [position, entry] of entries.entries()) {
      if (position > 0 && this.atBatchEnd) return this.#malformed('it follows the state record of its batch');
      const record = this.applyEntry(entry);
      if (!record.ok) return record;
      if (record.value.kind === 'artifact-add') added.push(record.value.purl);
    }
    const whole = entries.length > 0 && this.atBatchEnd;
    return whole ? ok(undefined) : this.#malformed('the batch has no state record');
  }

  #malformed(reason: string): Result<never> {
    return fail('E_BATCH_FORM', { index: this.#head.size, reason });
  }
}
