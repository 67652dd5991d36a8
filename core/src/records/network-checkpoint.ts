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
