import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { quorum } from '../log/quorum.ts';
import { bitmapIndices } from './bitmap.ts';
import { decodeRecord } from './codec.ts';
import { EMPTY_MAP_ROOT } from './network.ts';
import type { ArtifactAddRecord, LogRecord, NetworkTrust, StateRecord } from './types.ts';

/** Where a log stands. */
interface Head {
  /** Entries applied. */
  readonly size: number;
  /** Size at the end of the last whole batch. */
  readonly batchStart: number;
  /** Height of the last whole batch; -1 before genesis. */
  readonly height: number;
  /** Unix seconds of the last whole batch. */
  readonly time: number;
}

/**
 * The rules of the log that depend on what came before, as every authority applies them before voting and every client while
 * replaying: a batch is one or more records and a state record that sums them up; a version enters once, ever. Pure; an entry
 * that is refused leaves the state as it was. Bytes only: the tree over the entries is `TiledLog`'s business.
 */
export class LogState {
  readonly #trust: NetworkTrust;
  readonly #versions: Map<string, number>;
  #head: Head;

  /** The state of an empty log. */
  constructor(trust: NetworkTrust) {
    this.#trust = trust;
    this.#versions = new Map();
    this.#head = { size: 0, batchStart: 0, height: -1, time: trust.genesis.created };
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

  /** Whether `purl` has its record. */
  hasPackageVersion(purl: string): boolean {
    return this.#versions.has(purl);
  }

  /** Log index of the record of `purl`. */
  indexOf(purl: string): number | undefined {
    return this.#versions.get(purl);
  }

  /** A copy that goes its own way from here. */
  clone(): LogState {
    const copy = new LogState(this.#trust);
    for (const [purl, index] of this.#versions) copy.#versions.set(purl, index);
    copy.#head = this.#head;
    return copy;
  }

  /** The state record that ends the current batch if `recordCount` records are in it. The time is never set back. */
  nextState(recordCount: number, time: number): StateRecord {
    return {
      kind: 'state',
      v: 1,
      epoch: this.#trust.current.epoch,
      height: this.#head.height + 1,
      time: Math.max(time, this.#head.time),
      prevSize: this.#head.batchStart,
      mapRoot: EMPTY_MAP_ROOT,
      setHash: this.#trust.current.setHash,
      recordCount,
    };
  }

  /** Applies the next entry of the log and gives it decoded. */
  applyEntry(entry: Uint8Array): Result<LogRecord> {
    const record = decodeRecord(entry);
    if (!record.ok) return record;
    const checked = this.#check(record.value, entry);
    if (!checked.ok) return checked;
    this.#apply(record.value);
    return record;
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

  #check(record: LogRecord, entry: Uint8Array): Result<void> {
    if ((this.#head.size === 0) !== (record.kind === 'genesis')) {
      return this.#malformed(
        this.#head.size === 0 ? 'it should be the genesis record' : 'a second genesis record',
      );
    }
    switch (record.kind) {
      case 'genesis':
        return equalBytes(entry, this.#trust.genesisBytes) ? ok(undefined) : fail('E_BATCH_GENESIS');
      case 'artifact-add':
        return this.#checkAdd(record);
      case 'state':
        return this.#checkState(record);
    }
  }

  #checkAdd(record: ArtifactAddRecord): Result<void> {
    if (this.#head.size === 1) return this.#malformed('the genesis record has a batch of its own');
    if (record.epoch !== this.#trust.current.epoch) return this.#malformed(`it names epoch ${record.epoch}`);
    const logged = this.#versions.get(record.purl);
    if (logged !== undefined) return fail('E_DUPLICATE_VERSION', { purl: record.purl, index: logged });
    const limit = this.#trust.current.limits.maxArtifactBytes;
    if (record.artifacts.some((artifact) => artifact.size > limit)) {
      return this.#malformed(`an artifact is larger than ${limit} bytes`);
    }
    return this.#checkBuilders(record.provenance.builders);
  }

  #checkBuilders(bitmap: Uint8Array): Result<void> {
    const total = this.#trust.current.authorities.length;
    const builders = bitmapIndices(bitmap, total);
    if (builders === undefined) return this.#malformed('its builders bitmap does not fit the authority set');
    const need = quorum(total);
    return builders.length >= need
      ? ok(undefined)
      : fail('E_AGREEMENT_QUORUM', { agreed: builders.length, total, need });
  }

  #checkState(record: StateRecord): Result<void> {
    const count = this.#head.size - this.#head.batchStart;
    if (count === 0) return this.#malformed('a state record without records');
    const expected = this.nextState(count, this.#head.height < 0 ? this.#trust.genesis.created : record.time);
    for (const field of [
      'epoch',
      'height',
      'time',
      'prevSize',
      'recordCount',
      'mapRoot',
      'setHash',
    ] as const) {
      const [found, wanted] = [record[field], expected[field]];
      if (!isSame(found, wanted)) {
        const index = this.#head.size;
        return fail('E_BATCH_STATE', { index, field, found: shown(found), expected: shown(wanted) });
      }
    }
    return ok(undefined);
  }

  #apply(record: LogRecord): void {
    const { size, batchStart, height, time } = this.#head;
    if (record.kind === 'artifact-add') this.#versions.set(record.purl, size);
    this.#head =
      record.kind === 'state'
        ? { size: size + 1, batchStart: size + 1, height: record.height, time: record.time }
        : { size: size + 1, batchStart, height, time };
  }

  #malformed(reason: string): Result<never> {
    return fail('E_BATCH_FORM', { index: this.#head.size, reason });
  }
}

function isSame(a: number | Uint8Array, b: number | Uint8Array): boolean {
  return typeof a === 'number' || typeof b === 'number' ? a === b : equalBytes(a, b);
}

function shown(value: number | Uint8Array): string | number {
  return typeof value === 'number' ? value : toHex(value);
}
