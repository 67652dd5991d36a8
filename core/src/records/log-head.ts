import { leafHash } from '../log/merkle.ts';
import { makeAuthoritySet, type AuthoritySet } from './authority-set.ts';
import { afterEquivocation, afterMembership, firstEpoch, nextEpoch, type EpochState } from './epoch-state.ts';
import { EMPTY_MAP_ROOT } from './network.ts';
import { PackageMap } from './package-map.ts';
import type { EpochHandoffRecord, LogRecord, NetworkTrust, StateRecord } from './types.ts';

/** A tree head that a hand-off in the log names. Whoever holds the tree has to compare it. */
export interface NamedHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Where a log stands, all but which versions it holds. Never changed in place. */
export interface LogHead {
  /** Entries applied. */
  readonly size: number;
  /** Size at the end of the last whole batch. */
  readonly batchStart: number;
  /** Height of the last whole batch; -1 before genesis. */
  readonly height: number;
  /** Unix seconds of the last whole batch; before genesis, of its creation. */
  readonly time: number;
  readonly epoch: EpochState;
  /** Oldest first. */
  readonly handoffs: readonly NamedHead[];
  /** All that the log says of each package. */
  readonly packages: PackageMap;
  /** Root of the map in the last state record; 32 bytes. */
  readonly mapRoot: Uint8Array;
}

/** The head of an empty log. */
export function emptyHead({ genesis, sets }: NetworkTrust): LogHead {
  return {
    size: 0,
    batchStart: 0,
    height: -1,
    time: genesis.created,
    epoch: firstEpoch(sets[0]),
    handoffs: [],
    packages: PackageMap.empty,
    mapRoot: EMPTY_MAP_ROOT,
  };
}

/** The head after one more record, which keeps the rules and whose bytes are `entry`. Its leaf hash may be known already. */
export function headAfter(
  head: LogHead,
  origin: string,
  record: LogRecord,
  entry: Uint8Array,
  leaf?: Uint8Array,
): LogHead {
  const next = { ...head, size: head.size + 1 };
  switch (record.kind) {
    case 'genesis':
      return next;
    case 'artifact-add':
      return { ...next, packages: head.packages.add(record, head.size, leaf ?? leafHash(entry)) };
    case 'authority-add':
    case 'authority-remove':
      return { ...next, epoch: afterMembership(head.epoch, record) };
    case 'equivocation':
      return { ...next, epoch: afterEquivocation(head.epoch, record) };
    case 'epoch-handoff':
      return {
        ...next,
        epoch: nextEpoch(head.epoch, setOfHandoff(head, origin, record)),
        handoffs: [...head.handoffs, { size: record.size, root: record.root }],
      };
    case 'state':
      return {
        ...next,
        batchStart: next.size,
        height: record.height,
        time: record.time,
        mapRoot: record.mapRoot,
        epoch: epochAfter(head, record),
      };
  }
}

/** The set that a hand-off record names. */
export function setOfHandoff(
  { epoch }: LogHead,
  origin: string,
  { epoch: number, authorities, size }: EpochHandoffRecord,
): AuthoritySet {
  return makeAuthoritySet(origin, { epoch: number, authorities, limits: epoch.set.limits, since: size });
}

/**
 * The state record that ends the batch after `head`, whose last records are applied already. The time is never set back.
 * `announced` is the hash of the next epoch's set where the batch closes this one; `mapRoot` spares computing it anew.
 */
export function stateRecordAt(
  head: LogHead,
  time: number,
  announced: Uint8Array = head.epoch.set.setHash,
  mapRoot: Uint8Array = head.packages.root(),
): StateRecord {
  return {
    kind: 'state',
    v: 1,
    epoch: head.epoch.set.epoch,
    height: head.height + 1,
    time: Math.max(time, head.time),
    prevSize: head.batchStart,
    mapRoot,
    setHash: head.epoch.closing === undefined ? head.epoch.set.setHash : announced,
    recordCount: head.size - head.batchStart,
  };
}

function epochAfter({ epoch }: LogHead, { setHash }: StateRecord): EpochState {
  return epoch.closing === undefined ? epoch : { ...epoch, announced: setHash };
}
