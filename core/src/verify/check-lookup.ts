import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { Result } from '../errors/result.ts';
import type { Checkpoint } from '../log/checkpoint.ts';
import { checkLookup, checkLookupHead, type LookupFindings } from '../lookup/check.ts';
import { parsePurl } from '../records/purl.ts';
import { failed, missing, missingPart, passed, type Finding, type Raw } from './rung.ts';
import type { CheckpointFacts, Evidence, LookupEvidence } from './types.ts';

/** Whether hashes lead from the record over the map of packages to the root that the checkpoint names. */
export function checkMap(
  evidence: Evidence,
  lookup: LookupEvidence,
  checkpoint: Checkpoint | undefined,
): Finding {
  if (checkpoint === undefined) return missingPart('a readable checkpoint');
  const { size, root } = checkpoint;
  const raw: Raw = [
    ...lookup.events.map(({ index, kind, version, leafHash }, i) => ({
      label: `Event ${i + 1} of the package`,
      value: `${kind} ${version}, entry ${index}, leaf hash ${toHex(leafHash)}`,
    })),
    ...lookup.steps.map(({ depth, hash }) => ({ label: `Map, bit ${depth}`, value: toHex(hash) })),
    { label: 'State record, canonical CBOR in hex', value: toHex(lookup.state) },
    ...lookup.edge.map((hash, step) => ({ label: `Hash ${step + 1}`, value: toHex(hash) })),
    { label: `Root of ${size} entries`, value: toHex(root) },
  ];
  const found = findingsOf(evidence, lookup, checkpoint);
  if (!found.ok) return failed(found.error, raw);
  if (evidence.entry === undefined) return missingPart('a record of this version');
  const hashes = lookup.steps.length + lookup.edge.length;
  return passed({ index: evidence.entry.index, size, hashes, events: found.value.events.length }, raw);
}

/** The record rung when the map of packages, as the signed checkpoint has it, knows no record of the version. */
export function checkAbsenceInMap(
  evidence: Evidence,
  lookup: LookupEvidence,
  checkpoint: CheckpointFacts | undefined,
): Finding | undefined {
  const { purl } = evidence;
  if (checkpoint === undefined || !namesVersion(purl)) return undefined;
  const found = findingsOf(evidence, lookup, checkpoint);
  if (!found.ok || found.value.event !== undefined) return undefined;
  const fields = { size: checkpoint.size, purl, events: found.value.events.length, map: 1 };
  return missing(new AssayError('E_NOT_IN_LOG', fields));
}

/** Only one version can be shown to be absent: a package as such is never recorded. */
export function namesVersion(purl: string): boolean {
  const parsed = parsePurl(purl);
  return parsed.ok && parsed.value.version !== undefined;
}

function findingsOf(
  { purl, entry }: Evidence,
  lookup: LookupEvidence,
  head: { readonly size: number; readonly root: Uint8Array },
): Result<LookupFindings> {
  const state = checkLookupHead(lookup, head);
  if (!state.ok) return state;
  const { mapRoot } = state.value;
  return checkLookup({ ...lookup, records: entry === undefined ? [] : [entry] }, purl, {
    size: head.size,
    mapRoot,
  });
}
