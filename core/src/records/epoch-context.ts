import { fail, ok, type Result } from '../errors/result.ts';
import { CompactRange, leafHash } from '../log/merkle.ts';
import type { AuthoritySet } from './authority-set.ts';
import { decodeRecord } from './codec.ts';
import type { NamedHead } from './log-head.ts';
import { genesisBatch, setOfEpoch } from './network.ts';
import type { NetworkTrust } from './types.ts';

/** What the validity of a transaction rests on besides its bytes. All of it is fixed when an epoch begins. */
export interface EpochContext {
  /** Knows every epoch before the one in force; that one, too, or not yet. */
  readonly trust: NetworkTrust;
  /** The set in force. */
  readonly set: AuthoritySet;
  /** The tree the epoch in force began with: the one its hand-off names, in epoch 1 that of the genesis batch. */
  readonly start: NamedHead;
}

/** The context of an epoch that `trust` knows, the newest unless told otherwise. Fails with `E_EPOCH_UNKNOWN`. */
export function epochContext(trust: NetworkTrust, epoch: number = trust.current.epoch): Result<EpochContext> {
  const set = setOfEpoch(trust, epoch);
  const start = set && startOf(trust, epoch);
  if (set === undefined || start === undefined) {
    return fail('E_EPOCH_UNKNOWN', { epoch, newest: trust.current.epoch });
  }
  return ok({ trust, set, start });
}

function startOf(trust: NetworkTrust, epoch: number): NamedHead | undefined {
  if (epoch === 1) {
    const tree = CompactRange.of();
    for (const entry of genesisBatch(trust)) tree.append(leafHash(entry));
    return { size: tree.size, root: tree.root() };
  }
  const link = trust.links[epoch - 2];
  const handoff = link && decodeRecord(link.handoff);
  if (handoff?.ok !== true || handoff.value.kind !== 'epoch-handoff') return undefined;
  const { size, root } = handoff.value;
  return { size, root };
}
