import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { bitmapIndices } from './bitmap.ts';
import { flawOfClosing, flawOfEquivocation, flawOfMembership, flawOfSuccessor } from './epoch-state.ts';
import { judgeHandoff } from './handoff.ts';
import { stateRecordAt, type LogHead } from './log-head.ts';
import { setOfEpoch } from './network.ts';
import { ScannedAdd } from './scan-record.ts';
import type { ArtifactAddRecord, EpochHandoffRecord, LogRecord, NetworkTrust, StateRecord } from './types.ts';

/** What the rules need to know besides the head. */
export interface LogRules {
  readonly trust: NetworkTrust;
  /** Log index of the record of a version. */
  indexOf(purl: string): number | undefined;
  /** Whether the map root of this state record is looked at; else `checkMapRoot` has to be asked later. */
  readonly looksAtMap: boolean;
}

/** Whether `record`, whose bytes are `entry`, may come next after `head`. */
export function checkNext(
  head: LogHead,
  record: LogRecord,
  entry: Uint8Array,
  rules: LogRules,
): Result<void> {
  const misplaced = flawOfPlace(head, record) ?? flawOfMoment(head, record, rules.trust);
  if (misplaced !== undefined) return malformed(head, misplaced);
  switch (record.kind) {
    case 'genesis':
      return equalBytes(entry, rules.trust.genesisBytes) ? ok(undefined) : fail('E_BATCH_GENESIS');
    case 'artifact-add':
      return checkAdd(head, record, rules);
    case 'authority-add':
    case 'authority-remove':
      return flawless(head, flawOfMembership(head.epoch, record));
    case 'equivocation':
      return flawless(head, flawOfEquivocation(head.epoch, record));
    case 'epoch-handoff':
      return checkHandoff(head, record, rules.trust);
    case 'state':
      return checkState(head, record, rules);
  }
}

/** Why a record of this kind and epoch cannot stand here. */
function flawOfPlace({ size, batchStart, epoch }: LogHead, record: LogRecord): string | undefined {
  const { closing, announced, set } = epoch;
  if (size === 0) return record.kind === 'genesis' ? undefined : 'it should be the genesis record';
  if (record.kind === 'genesis') return 'a second genesis record';
  if (size === 1 && record.kind !== 'state') return 'the genesis record has a batch of its own';
  if ((announced !== undefined) !== (record.kind === 'epoch-handoff')) {
    return announced === undefined
      ? 'the epoch before is not closed'
      : 'the epoch is closed; a hand-off must follow';
  }
  if (record.kind === 'epoch-handoff') return size === batchStart ? undefined : 'it does not begin a batch';
  if (record.kind === 'state') return undefined;
  if (record.epoch !== set.epoch) return `it names epoch ${record.epoch}`;
  const isLate = closing !== undefined && record.kind === 'artifact-add';
  return isLate ? 'it follows a change of the authority set' : undefined;
}

/** Why a record cannot stand here although its epoch is not closed: the next epoch is known to begin here, or to have begun. */
function flawOfMoment(
  { size, epoch }: LogHead,
  { kind }: LogRecord,
  trust: NetworkTrust,
): string | undefined {
  const next = setOfEpoch(trust, epoch.set.epoch + 1);
  const isPast = next !== undefined && size >= next.since && kind !== 'epoch-handoff';
  return isPast ? `epoch ${epoch.set.epoch} ended with ${next.since} entries` : undefined;
}

function checkAdd(head: LogHead, record: ArtifactAddRecord, { indexOf }: LogRules): Result<void> {
  const { limits, authorities, policy } = head.epoch.set;
  const logged = indexOf(record.purl);
  if (logged !== undefined) return fail('E_DUPLICATE_VERSION', { purl: record.purl, index: logged });
  const limit = limits.maxArtifactBytes;
  const { largest, builders: bitmap } = record instanceof ScannedAdd ? record : claimsOf(record);
  if (largest > limit) {
    return malformed(head, `an artifact is larger than ${limit} bytes`);
  }
  const total = authorities.length;
  const builders = bitmapIndices(bitmap, total);
  if (builders === undefined) return malformed(head, 'its builders bitmap does not fit the authority set');
  return builders.length >= policy.quorum
    ? ok(undefined)
    : fail('E_AGREEMENT_QUORUM', { agreed: builders.length, total, need: policy.quorum });
}

/** What the rules look at in a record that was decoded as a whole. */
function claimsOf({ artifacts, provenance }: ArtifactAddRecord): Pick<ScannedAdd, 'largest' | 'builders'> {
  return { largest: Math.max(...artifacts.map(({ size }) => size)), builders: provenance.builders };
}

/** The signatures of a hand-off are checked where hand-offs are followed: it has to name the very set that the trust knows. */
function checkHandoff(head: LogHead, record: EpochHandoffRecord, trust: NetworkTrust): Result<void> {
  const { set } = head.epoch;
  const judged = judgeHandoff(set, trust.genesis.origin, record);
  if (!judged.ok) return judged;
  const refused = (reason: string) => fail('E_HANDOFF', { epoch: record.epoch, reason });
  if (record.size !== head.size)
    return refused(`it names a tree of ${record.size} entries instead of ${head.size}`);
  const flaw = flawOfSuccessor(head.epoch, judged.value.next);
  if (flaw !== undefined) return refused(flaw);
  const known = setOfEpoch(trust, record.epoch);
  if (known === undefined) {
    return fail('E_EPOCH_UNKNOWN', { epoch: record.epoch, newest: trust.current.epoch });
  }
  const isKnown = known.since === record.size && equalBytes(known.setHash, judged.value.next.setHash);
  return isKnown ? ok(undefined) : refused('it is not the hand-off that this client followed');
}

function checkState(head: LogHead, record: StateRecord, { trust, looksAtMap }: LogRules): Result<void> {
  const { size, batchStart, height, epoch } = head;
  if (size === batchStart) return malformed(head, 'a state record without records');
  const flaw = flawOfClosing(epoch);
  if (flaw !== undefined) return malformed(head, flaw);
  const announced = setOfEpoch(trust, epoch.set.epoch + 1)?.setHash ?? record.setHash;
  const time = height < 0 ? trust.genesis.created : record.time;
  const expected = stateRecordAt(head, time, announced, looksAtMap ? undefined : record.mapRoot);
  for (const field of ['epoch', 'height', 'time', 'prevSize', 'recordCount', 'mapRoot', 'setHash'] as const) {
    const [found, wanted] = [record[field], expected[field]];
    if (!isSame(found, wanted)) {
      return fail('E_BATCH_STATE', { index: size, field, found: shown(found), expected: shown(wanted) });
    }
  }
  return ok(undefined);
}

/** Whether the last state record, with which `head` ends, names the root of the map that the whole log leads to. */
export function checkMapRoot(head: LogHead): Result<void> {
  if (head.size !== head.batchStart) return malformed(head, 'the batch has no state record');
  const expected = head.packages.root();
  if (equalBytes(head.mapRoot, expected)) return ok(undefined);
  const index = head.size - 1;
  const [found, wanted] = [toHex(head.mapRoot), toHex(expected)];
  return fail('E_BATCH_STATE', { index, field: 'mapRoot', found, expected: wanted });
}

function flawless(head: LogHead, flaw: string | undefined): Result<void> {
  return flaw === undefined ? ok(undefined) : malformed(head, flaw);
}

function malformed({ size }: LogHead, reason: string): Result<never> {
  return fail('E_BATCH_FORM', { index: size, reason });
}

function isSame(a: number | Uint8Array, b: number | Uint8Array): boolean {
  return typeof a === 'number' || typeof b === 'number' ? a === b : equalBytes(a, b);
}

function shown(value: number | Uint8Array): string | number {
  return typeof value === 'number' ? value : toHex(value);
}
