import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { leafHash } from '../log/merkle.ts';
import { decodeRecord } from '../records/codec.ts';
import { setForSize } from '../records/network.ts';
import type { ArtifactAddRecord } from '../records/types.ts';
import { checkAbsenceInMap, namesVersion } from './check-lookup.ts';
import { isDigestSubject } from './digest-subject.ts';
import { failed, missing, missingPart, passed, type Finding } from './rung.ts';
import type { CheckpointFacts, Evidence } from './types.ts';

/** Whether the entry is a well-formed record of the package version asked for, and names the file asked for. */
export function checkRecord(evidence: Evidence): Finding<ArtifactAddRecord> {
  const { entry } = evidence;
  if (entry === undefined) return missingPart('a record of this version');
  const raw = [
    { label: 'Entry, canonical CBOR in hex', value: toHex(entry.bytes) },
    { label: 'Leaf hash', value: toHex(leafHash(entry.bytes)) },
  ];
  const record = readRecord(evidence, entry);
  if (!record.ok) return failed(record.error, raw);
  const { purl, artifacts, provenance } = record.value;
  const fields = { index: entry.index, purl, method: provenance.method, artifacts: artifacts.length };
  return passed(fields, raw, record.value);
}

function readRecord(
  { purl, artifact, trust }: Evidence,
  { index, bytes }: { readonly index: number; readonly bytes: Uint8Array },
): Result<ArtifactAddRecord> {
  const decoded = decodeRecord(bytes);
  if (!decoded.ok) return decoded;
  const record = decoded.value;
  if (record.kind !== 'artifact-add') return fail('E_RECORD_NOT_PACKAGE', { index, kind: record.kind });
  if (record.purl !== purl) return fail('E_RECORD_OTHER_PACKAGE', { index, recorded: record.purl, purl });
  const expected = setForSize(trust, index + 1).epoch;
  if (record.epoch !== expected)
    return fail('E_RECORD_OTHER_EPOCH', { index, found: record.epoch, expected });
  if (artifact !== undefined && !record.artifacts.some(({ name }) => name === artifact.name)) {
    return fail('E_RECORD_NO_ARTIFACT', { purl, name: artifact.name });
  }
  return ok(record);
}

/**
 * The record rung when there is no entry but this client replayed the whole log, or the map of packages has no record either: the
 * absence counts for exactly the checkpoint that the replay, or the proof, led to.
 */
export function checkAbsence(
  evidence: Evidence,
  checkpoint: CheckpointFacts | undefined,
): Finding | undefined {
  const { absence, lookup, purl } = evidence;
  if (evidence.entry !== undefined || checkpoint === undefined) return undefined;
  if (absence === undefined) return lookup && checkAbsenceInMap(evidence, lookup, checkpoint);
  if (absence.size !== checkpoint.size || !equalBytes(absence.root, checkpoint.root)) return undefined;
  // Only one version, or one file, can be shown to be absent: a package as such is never recorded.
  if (!isDigestSubject(purl) && !namesVersion(purl)) return undefined;
  return missing(new AssayError('E_NOT_IN_LOG', { size: absence.size, purl }));
}
