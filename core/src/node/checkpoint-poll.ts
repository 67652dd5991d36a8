import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { fail, type Result } from '../errors/result.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { withDeadline } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import type { NetworkTrust } from '../records/types.ts';

/** Longest wait for one source's checkpoint; slow sources must not hold up the others. */
const TIMEOUT_MS = 10_000;
/** 100 cosignatures take 9 kB. */
const MAX_NOTE_BYTES = 64 * 1024;

/** What one source answered. */
export interface Polled {
  readonly source: LogSource;
  /** What it sent, if anything. */
  readonly note?: Uint8Array;
  readonly checkpoint: Result<VerifiedCheckpoint>;
}

/** Asks every source for its checkpoint, all at once, and checks each against the authority set of its size. Never rejects. */
export async function pollCheckpoints(
  sources: readonly LogSource[],
  ports: { trust: NetworkTrust; verifySignature: VerifyEd25519Async; clock: Clock },
  signal?: AbortSignal,
): Promise<readonly Polled[]> {
  const checked: { note: Uint8Array; result: Promise<Result<VerifiedCheckpoint>> }[] = [];
  const check = (note: Uint8Array): Promise<Result<VerifiedCheckpoint>> => {
    const same = checked.find((other) => equalBytes(other.note, note));
    if (same !== undefined) return same.result;
    const result =
      note.length > MAX_NOTE_BYTES
        ? Promise.resolve(fail('E_RESPONSE_TOO_LARGE', { limit: MAX_NOTE_BYTES }))
        : verifyNetworkCheckpoint(note, ports.trust, ports.verifySignature);
    checked.push({ note, result });
    return result;
  };
  return await Promise.all(
    sources.map(async (source): Promise<Polled> => {
      try {
        const note = await withDeadline(ports.clock, TIMEOUT_MS, signal, (inner) => source.checkpoint(inner));
        return { source, note, checkpoint: await check(note) };
      } catch (cause) {
        const error = isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause);
        return { source, checkpoint: { ok: false, error } };
      }
    }),
  );
}

/** Checks once more, against authorities that have become known, the notes that could not be used. Never rejects. */
export async function judgeAgain(
  polled: readonly Polled[],
  { trust, verifySignature }: { trust: NetworkTrust; verifySignature: VerifyEd25519Async },
): Promise<readonly Polled[]> {
  return await Promise.all(
    polled.map(async (one) => {
      if (one.checkpoint.ok || one.note === undefined || one.note.length > MAX_NOTE_BYTES) return one;
      return { ...one, checkpoint: await verifyNetworkCheckpoint(one.note, trust, verifySignature) };
    }),
  );
}

/** Sources that sent a valid checkpoint of the same tree. */
export interface CheckpointGroup {
  /** The one with the newest cosignatures. */
  readonly checkpoint: VerifiedCheckpoint;
  readonly sources: readonly LogSource[];
}

/** The valid answers by tree, the largest first; trees of one size with different roots stay apart. */
export function groupNewestFirst(polled: readonly Polled[]): readonly CheckpointGroup[] {
  const groups: { checkpoint: VerifiedCheckpoint; sources: LogSource[] }[] = [];
  for (const { source, checkpoint } of polled) {
    if (!checkpoint.ok) continue;
    const { value } = checkpoint;
    const same = groups.find(
      (group) => group.checkpoint.size === value.size && equalBytes(group.checkpoint.root, value.root),
    );
    if (same === undefined) {
      groups.push({ checkpoint: value, sources: [source] });
      continue;
    }
    same.sources.push(source);
    if (value.freshAsOf > same.checkpoint.freshAsOf) same.checkpoint = value;
  }
  return groups.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size);
}
