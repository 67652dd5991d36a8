import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import type { Result } from '../errors/result.ts';
import { parseCheckpointBody } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import { verifyCheckpoint, type VerifiedCheckpoint } from '../log/policy.ts';
import { setForSize } from './network.ts';
import type { NetworkTrust } from './types.ts';

/**
 * Checks a checkpoint note against the authority set of the epoch that its size falls into. Fails like `verifyCheckpoint`; a
 * checkpoint of an epoch that `trust` does not reach yet fails as one without a quorum, so hand-offs have to be followed first.
 */
export async function verifyNetworkCheckpoint(
  note: Uint8Array,
  trust: NetworkTrust,
  verify: VerifyEd25519Async,
): Promise<Result<VerifiedCheckpoint>> {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const claimed = parseCheckpointBody(parsed.value.text);
  if (!claimed.ok) return claimed;
  return await verifyCheckpoint(note, setForSize(trust, claimed.value.size).policy, verify);
}

/**
 * Checks a note that is held against another one: cosignatures of a quorum are enough, of whichever epoch's authorities, since what
 * they say is said. Fails like `verifyCheckpoint` under the set that the size falls into.
 */
export async function verifyContradiction(
  note: Uint8Array,
  trust: NetworkTrust,
  verify: VerifyEd25519Async,
): Promise<Result<VerifiedCheckpoint>> {
  const first = await verifyNetworkCheckpoint(note, trust, verify);
  if (first.ok) return first;
  for (const { policy } of trust.sets.toReversed()) {
    const cosigned = await verifyCheckpoint(note, { ...policy, logKeys: [] }, verify);
    if (cosigned.ok) return cosigned;
  }
  return first;
}
