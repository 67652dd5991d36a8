import { equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { leafHash, verifyInclusion } from '../log/merkle.ts';
import { verifyTrieProof } from '../log/trie-proof.ts';
import { decodeRecord } from '../records/codec.ts';
import { packageHead, packageKey, packageOf, type PackageEvent } from '../records/package-map.ts';
import { parsePurl } from '../records/purl.ts';
import type { StateRecord } from '../records/types.ts';
import type { LookupBundle, LookupHead, LookupRecord, PackageLookup } from './bundle.ts';

/** What a tree of `size` entries says of a package and, where one was asked for, of a version. */
export interface LookupFindings {
  /** The complete list, in log order; empty proves that the log does not know the package. */
  readonly events: readonly PackageEvent[];
  /** The event that added the version asked for, or the last one added when none was named; absent proves that there is none. */
  readonly event?: PackageEvent;
}

/**
 * Checks that a tree of this size and root ends with a state record, which is given back: it carries the root of the map of
 * packages. Fails with E_INCLUSION, E_LOOKUP or what `decodeRecord` fails with. Whether a quorum signed the root is another matter.
 */
export function checkLookupHead(
  { state, edge }: Pick<LookupHead, 'state' | 'edge'>,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): Result<StateRecord> {
  const proven = verifyInclusion(leafHash(state), size - 1, size, edge, root);
  if (!proven.ok) return proven;
  const record = decodeRecord(state);
  if (!record.ok) return record;
  if (record.value.kind !== 'state') return refused(`the tree ends with a ${record.value.kind} record`);
  const { prevSize, recordCount } = record.value;
  return prevSize + recordCount + 1 === size
    ? ok(record.value)
    : refused('its state record is not of its size');
}

/**
 * Checks what a lookup says of the package, and the version, that `purl` names, against the root of the map of packages in a
 * log of `size` entries. Fails with E_PURL…, E_TRIE_PROOF or E_LOOKUP.
 */
export function checkLookup(
  lookup: PackageLookup & Pick<LookupBundle, 'records'>,
  purl: string,
  { size, mapRoot }: { readonly size: number; readonly mapRoot: Uint8Array },
): Result<LookupFindings> {
  const parsed = parsePurl(purl);
  if (!parsed.ok) return parsed;
  const { steps, leaf, events, records } = lookup;
  const isInOrder = events.every(({ index }, i) => index > (events[i - 1]?.index ?? 0) && index < size);
  if (!isInOrder) return refused('its events are not in the order of the log');
  const key = packageKey(packageOf(parsed.value));
  const isKnown = events.length > 0;
  if (isKnown && leaf !== undefined)
    return refused('it lists events of a package that the map does not know');
  const ending = isKnown ? { key, value: packageHead(events) } : leaf;
  const proven = verifyTrieProof(mapRoot, key, { steps, ...(ending && { leaf: ending }) });
  if (!proven.ok) return proven;
  if (!isKnown && proven.value.value !== undefined) return refused('it leaves out the events of the package');
  const event = eventOf(events, parsed.value.version);
  if (!event.ok) return event;
  const isComplete = parsed.value.version === undefined || records[0]?.index === event.value?.index;
  if (!isComplete || !areOf(records, events)) return refused('its record is not the one that the map names');
  return ok({ events, ...(event.value && { event: event.value }) });
}

function eventOf(
  events: readonly PackageEvent[],
  version: string | undefined,
): Result<PackageEvent | undefined> {
  const added = events.filter(({ kind }) => kind === 'artifact-add');
  if (version === undefined) return ok(added.at(-1));
  const [event, second] = added.filter((one) => one.version === version);
  return second === undefined ? ok(event) : refused(`version ${version} was added twice`);
}

/** Whether each record is that of an event, and no two are of the same. */
function areOf(records: readonly LookupRecord[], events: readonly PackageEvent[]): boolean {
  const byIndex = new Map(events.map((event) => [event.index, event.leafHash]));
  return records.every(({ index, bytes }) => {
    const hash = byIndex.get(index);
    byIndex.delete(index);
    return hash !== undefined && equalBytes(leafHash(bytes), hash);
  });
}

function refused(reason: string): Result<never> {
  return fail('E_LOOKUP', { reason });
}
