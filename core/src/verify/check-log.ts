import { equalBytes, fromUtf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError, type ErrorFields } from '../errors/assay-error.ts';
import type { Result } from '../errors/result.ts';
import { parseCheckpointBody, type Checkpoint } from '../log/checkpoint.ts';
import { leafHash, verifyConsistency, verifyInclusion } from '../log/merkle.ts';
import { parseNote } from '../log/note.ts';
import type { LogPolicy, VerifiedCheckpoint } from '../log/policy.ts';
import { checkMap } from './check-lookup.ts';
import { failed, missingPart, passed, type Finding, type Raw } from './rung.ts';
import type { CheckpointFacts, CommonHistory, ConflictProof, Evidence, PreviousHead } from './types.ts';

/** What the note says, whoever signed it: enough for the rungs that only follow hashes. */
export function readCheckpoint(note: Uint8Array): Result<Checkpoint> {
  const parsed = parseNote(note);
  return parsed.ok ? parseCheckpointBody(parsed.value.text) : parsed;
}

/** Whether hashes lead from the entry to the root that the checkpoint names. */
export function checkInclusion(evidence: Evidence, checkpoint: Checkpoint | undefined): Finding {
  const { entry, inclusion, lookup } = evidence;
  if (inclusion === undefined && lookup !== undefined) return checkMap(evidence, lookup, checkpoint);
  if (entry === undefined) return missingPart('a record of this version');
  if (inclusion === undefined) return missingPart('a proof that the record is in the log');
  if (checkpoint === undefined) return missingPart('a readable checkpoint');
  const leaf = leafHash(entry.bytes);
  const { size, root } = checkpoint;
  const raw = [
    { label: 'Leaf hash', value: toHex(leaf) },
    ...inclusion.map((hash, step) => ({ label: `Hash ${step + 1}`, value: toHex(hash) })),
    { label: `Root of ${size} entries`, value: toHex(root) },
  ];
  const proven = verifyInclusion(leaf, entry.index, size, inclusion, root);
  return proven.ok
    ? passed({ index: entry.index, size, hashes: inclusion.length }, raw)
    : failed(proven.error, raw);
}

/** Holds a note to the network's policy. */
export type JudgeCheckpoint = (note: Uint8Array) => Promise<Result<VerifiedCheckpoint>>;

/** Whether a quorum of the network's authorities signed the checkpoint. `now` is in unix seconds. */
export async function checkQuorum(
  note: Uint8Array | undefined,
  policy: LogPolicy,
  judge: JudgeCheckpoint,
  now: number,
): Promise<Finding<CheckpointFacts>> {
  if (note === undefined) return missingPart('a checkpoint');
  const text = fromUtf8(note);
  const raw: Raw = text.ok ? [{ label: 'Signed note', value: text.value }] : [];
  const judged = await judge(note);
  if (!judged.ok) return failed(judged.error, raw);
  const { size, root, freshAsOf, cosigners } = judged.value;
  const fields = {
    signed: cosigners.length,
    total: policy.cosigners.length,
    need: policy.quorum,
    size,
    // A device whose clock runs behind must not read of signatures from the future.
    age: Math.max(0, now - freshAsOf),
  };
  return passed(fields, raw, { size, root, freshAsOf, cosigners });
}

/**
 * Whether the checkpoint belongs to the one history this client knows: consistent with the tree head it saw before, and not
 * contradicted by another checkpoint that a quorum signed as well. A record that both histories share is none the worse for such a
 * contradiction; the fields `conflict` and `common` tell of it. `signed` is the checkpoint as the quorum rung passed it.
 */
export async function checkHistory(
  { previous, conflicts = [], entry }: Evidence,
  checkpoint: Checkpoint | undefined,
  signed: CheckpointFacts | undefined,
  judge: JudgeCheckpoint,
): Promise<Finding> {
  if (checkpoint === undefined) return missingPart('a readable checkpoint');
  let shared: ErrorFields = {};
  for (const conflict of signed === undefined ? [] : conflicts) {
    const other = await judge(conflict.checkpoint);
    if (!other.ok || signed === undefined || !contradicts(conflict, other.value, signed)) continue;
    const { common } = conflict;
    const isShared = common !== undefined && entry !== undefined && entry.index < common.size;
    if (!isShared || !isCommon(common, other.value, signed)) return failedBy(conflict, other.value, signed);
    shared = { conflict: other.value.size, common: common.size };
  }
  const finding =
    previous === undefined
      ? passed({ size: checkpoint.size, first: 1 }, [])
      : checkConsistency(previous, checkpoint);
  return { ...finding, fields: { ...finding.fields, ...shared } };
}

function checkConsistency(previous: PreviousHead, { size, root }: Checkpoint): Finding {
  const isOlder = size < previous.size;
  const [older, newer] = isOlder ? [{ size, root }, previous] : [previous, { size, root }];
  const raw = [
    { label: 'Root seen before', value: `${toHex(previous.root)} at ${previous.size} entries` },
    ...previous.consistency.map((hash, step) => ({ label: `Hash ${step + 1}`, value: toHex(hash) })),
    { label: 'Root of the checkpoint', value: `${toHex(root)} at ${size} entries` },
  ];
  const proven = verifyConsistency(older.size, newer.size, older.root, newer.root, previous.consistency);
  return proven.ok ? passed({ size, previous: previous.size }, raw) : failed(proven.error, raw);
}

/** Whether the other checkpoint really contradicts this one; a false alarm changes nothing. */
function contradicts(
  { root, consistency }: ConflictProof,
  other: CheckpointFacts,
  signed: CheckpointFacts,
): boolean {
  if (other.size === signed.size) return !equalBytes(other.root, signed.root);
  const [smaller, larger] = other.size < signed.size ? [other, signed] : [signed, other];
  if (equalBytes(smaller.root, root)) return false;
  return verifyConsistency(smaller.size, larger.size, root, larger.root, consistency).ok;
}

/** Whether both histories begin with the same `size` entries. */
function isCommon(
  { size, root, ours, theirs }: CommonHistory,
  other: CheckpointFacts,
  signed: CheckpointFacts,
): boolean {
  return (
    verifyConsistency(size, signed.size, root, signed.root, ours).ok &&
    verifyConsistency(size, other.size, root, other.root, theirs).ok
  );
}

function failedBy({ root }: ConflictProof, other: CheckpointFacts, signed: CheckpointFacts): Finding {
  const [smaller, larger] = other.size <= signed.size ? [other, signed] : [signed, other];
  const raw = [
    { label: `Root of ${smaller.size} entries in one history`, value: toHex(smaller.root) },
    { label: `Root of ${smaller.size} entries in the other`, value: toHex(root) },
  ];
  const twice = smaller.cosigners.filter(({ name }) => larger.cosigners.some((one) => one.name === name));
  const names = (twice.length === 0 ? larger.cosigners : twice).map(({ name }) => name).join(', ');
  return failed(new AssayError('E_HISTORY_CONFLICT', { size: other.size, names }), raw);
}
