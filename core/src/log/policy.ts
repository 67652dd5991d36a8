import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, unwrap, type Result } from '../errors/result.ts';
import { parseCheckpointBody, type Checkpoint } from './checkpoint.ts';
import { cosignatureMessage, parseCosignature } from './cosignature.ts';
import {
  COSIGNATURE_TYPE,
  ED25519_TYPE,
  encodeVkey,
  isKeyName,
  keyId,
  parseNote,
  type Note,
  type NoteSignature,
} from './note.ts';
import { faultTolerance } from './quorum.ts';

/** An Ed25519 public key (32 bytes) and the name it signs notes under. */
export interface NamedKey {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** Who must stand behind a checkpoint. */
export interface LogPolicy {
  readonly origin: string;
  /** Keys for the plain log line, each named like the origin; one of them must sign. Empty: no log line is needed. */
  readonly logKeys: readonly NamedKey[];
  /** Keys for cosignature lines. */
  readonly cosigners: readonly NamedKey[];
  /** How many different cosigners must sign. */
  readonly quorum: number;
}

/** A checkpoint that fulfils a policy. */
export interface VerifiedCheckpoint extends Checkpoint {
  /** The signed text. */
  readonly body: string;
  /** The whole signed note. */
  readonly bytes: Uint8Array;
  /** Who cosigned, in the order of the policy, each with the newest time (seconds) it signed with. */
  readonly cosigners: readonly { readonly name: string; readonly time: number }[];
  /**
   * Up to when this was the newest checkpoint, in seconds: the (f+1)-th newest cosignature time, so that at least one
   * honest clock says so.
   */
  readonly freshAsOf: number;
}

/** A key of a policy with the ID its note lines carry. */
interface PolicyKey extends NamedKey {
  readonly keyId: Uint8Array;
}

interface PolicyKeys {
  readonly logKeys: readonly PolicyKey[];
  readonly cosigners: readonly PolicyKey[];
}

/** The only group of the exported policy. No key name can take it: key names have no plus. */
const GROUP = '+authorities';

/**
 * Checks a checkpoint note against a policy: origin, log signature, at least a quorum of different cosigners. Lines of
 * unknown keys are ignored; one bad line of a known key refuses the whole note (C2SP signed-note). Fails with E_NOTE,
 * E_CHECKPOINT, E_CHECKPOINT_ORIGIN, E_COSIGNATURE, E_NOTE_SIGNATURE, E_LOG_SIGNATURE, E_QUORUM or E_LOG_POLICY.
 */
export async function verifyCheckpoint(
  bytes: Uint8Array,
  policy: LogPolicy,
  verify: VerifyEd25519Async,
): Promise<Result<VerifiedCheckpoint>> {
  const keys = policyKeys(policy);
  if (!keys.ok) return keys;
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const checkpoint = parseCheckpointBody(note.value.text);
  if (!checkpoint.ok) return checkpoint;
  const { origin } = checkpoint.value;
  if (origin !== policy.origin)
    return fail('E_CHECKPOINT_ORIGIN', { found: origin, expected: policy.origin });

  const logSigners = await checkLogLines(note.value, keys.value.logKeys, verify);
  if (!logSigners.ok) return logSigners;
  const times = await checkCosignatures(note.value, keys.value.cosigners, verify);
  if (!times.ok) return times;
  if (policy.logKeys.length > 0 && logSigners.value === 0) return fail('E_LOG_SIGNATURE', { origin });
  if (times.value.size < policy.quorum)
    return fail('E_QUORUM', { have: times.value.size, need: policy.quorum });

  const cosigners = policy.cosigners.flatMap(({ name }) => {
    const time = times.value.get(name);
    return time === undefined ? [] : [{ name, time }];
  });
  const freshAsOf = nthNewest(times.value, faultTolerance(policy.cosigners.length) + 1);
  return ok({ ...checkpoint.value, body: note.value.text, bytes, cosigners, freshAsOf });
}

/** How many lines of known log keys the note has, all of them good. */
async function checkLogLines(
  { text, signatures }: Note,
  keys: readonly PolicyKey[],
  verify: VerifyEd25519Async,
): Promise<Result<number>> {
  const message = utf8(text);
  const checks = signatures.flatMap((line) => {
    const key = keyOfLine(line, keys);
    return key === undefined
      ? []
      : [{ name: line.name, good: verify(key.publicKey, message, line.signature) }];
  });
  for (const { name, good } of checks) {
    if (!(await good)) return fail('E_NOTE_SIGNATURE', { name });
  }
  return ok(checks.length);
}

/** The newest time each known cosigner signed with, all cosignatures good. */
async function checkCosignatures(
  { text, signatures }: Note,
  keys: readonly PolicyKey[],
  verify: VerifyEd25519Async,
): Promise<Result<Map<string, number>>> {
  const checks: { name: string; time: number; good: Promise<boolean> }[] = [];
  for (const line of signatures) {
    const key = keyOfLine(line, keys);
    if (key === undefined) continue;
    const cosignature = parseCosignature(line.signature);
    if (!cosignature.ok) return cosignature;
    const { time, signature } = cosignature.value;
    checks.push({
      name: line.name,
      time,
      good: verify(key.publicKey, cosignatureMessage(text, time), signature),
    });
  }
  const times = new Map<string, number>();
  for (const { name, time, good } of checks) {
    if (!(await good)) return fail('E_NOTE_SIGNATURE', { name });
    times.set(name, Math.max(time, times.get(name) ?? 0));
  }
  return ok(times);
}

function keyOfLine(line: NoteSignature, keys: readonly PolicyKey[]): PolicyKey | undefined {
  return keys.find((key) => key.name === line.name && equalBytes(key.keyId, line.keyId));
}

function nthNewest(times: ReadonlyMap<string, number>, n: number): number {
  return [...times.values()].toSorted((a, b) => b - a)[n - 1] ?? 0;
}

/** The policy as a C2SP tlog-policy file, for other tools. Throws E_LOG_POLICY when the policy is not usable. */
export function toTlogPolicy(policy: LogPolicy): string {
  const { logKeys, cosigners } = unwrap(policyKeys(policy));
  const lines = [
    ...logKeys.map((key) => `log ${encodeVkey({ ...key, type: ED25519_TYPE })}`),
    ...cosigners.map((key) => `witness ${key.name} ${encodeVkey({ ...key, type: COSIGNATURE_TYPE })}`),
    `group ${GROUP} ${policy.quorum} ${cosigners.map((key) => key.name).join(' ')}`,
    `quorum ${GROUP}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * The keys of a policy that can mean what it says: no key and no cosigner twice, so that nobody counts twice; a quorum
 * that the tolerated number of faulty cosigners cannot make up alone; no two keys that a note line could mean at once.
 */
function policyKeys({ origin, logKeys, cosigners, quorum }: LogPolicy): Result<PolicyKeys> {
  const all = [...logKeys, ...cosigners];
  if (all.some((key) => !isKeyName(key.name) || key.publicKey.length !== 32))
    return refused('a malformed key');
  if (logKeys.some((key) => key.name !== origin)) return refused('a log key that is not named like the log');
  if (hasTwins(cosigners.map((key) => key.name))) return refused('a cosigner twice');
  if (hasTwins(logKeys.map(publicKeyHex)) || hasTwins(cosigners.map(publicKeyHex)))
    return refused('a key twice');
  const safe = quorum >= 1 && quorum > faultTolerance(cosigners.length);
  if (!Number.isInteger(quorum) || !safe || quorum > cosigners.length) {
    return refused(`a quorum of ${quorum} for ${cosigners.length} cosigners`);
  }
  const keys = { logKeys: withIds(logKeys, ED25519_TYPE), cosigners: withIds(cosigners, COSIGNATURE_TYPE) };
  const lineNames = [...keys.logKeys, ...keys.cosigners].map((key) => `${key.name}+${toHex(key.keyId)}`);
  return hasTwins(lineNames) ? refused('two keys with one ID') : ok(keys);
}

function withIds(keys: readonly NamedKey[], type: number): PolicyKey[] {
  return keys.map((key) => ({ ...key, keyId: keyId(key.name, type, key.publicKey) }));
}

function publicKeyHex(key: NamedKey): string {
  return toHex(key.publicKey);
}

function hasTwins(values: readonly string[]): boolean {
  return new Set(values).size !== values.length;
}

function refused(reason: string): Result<never> {
  return fail('E_LOG_POLICY', { reason });
}
