import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { AuthoritySet } from './authority-set.ts';
import { judgeLink, type HandoffLink } from './handoff.ts';
import { trustFromGenesis } from './network.ts';
import type { NetworkTrust } from './types.ts';

/**
 * The trust with one more epoch, when the newest known authorities handed over to it. Fails with `E_HANDOFF`, `E_INCLUSION` or
 * `E_SIGNATURE`; what was known stays as it was.
 */
export async function extendTrust(
  trust: NetworkTrust,
  link: HandoffLink,
  verify: VerifyEd25519Async,
): Promise<Result<NetworkTrust>> {
  const judged = judgeLink(trust.current, trust.genesis.origin, link);
  if (!judged.ok) return judged;
  const { next, signatures } = judged.value;
  const checks = await Promise.all(
    signatures.map(async ({ name, publicKey, message, signature }) => ({
      name,
      valid: await verify(publicKey, message, signature),
    })),
  );
  const forged = checks.find(({ valid }) => !valid);
  if (forged !== undefined) return fail('E_SIGNATURE', { name: forged.name });
  return ok(withEpoch(trust, next, link));
}

/** The trust that follows from a genesis entry and the hand-offs after it, each one checked. */
export async function trustFromLinks(
  genesisBytes: Uint8Array,
  links: readonly HandoffLink[],
  verify: VerifyEd25519Async,
): Promise<Result<NetworkTrust>> {
  let trust = trustFromGenesis(genesisBytes);
  for (const link of links) {
    if (!trust.ok) return trust;
    trust = await extendTrust(trust.value, link, verify);
  }
  return trust;
}

/**
 * The trust that a genesis entry and hand-offs claim: all of it is judged but the signatures, which are for whoever relies on it
 * (`core/verify` does). Fails like `trustFromLinks`.
 */
export function claimedTrust(genesisBytes: Uint8Array, links: readonly HandoffLink[]): Result<NetworkTrust> {
  const pinned = trustFromGenesis(genesisBytes);
  if (!pinned.ok) return pinned;
  let trust = pinned.value;
  for (const link of links) {
    const judged = judgeLink(trust.current, trust.genesis.origin, link);
    if (!judged.ok) return judged;
    trust = withEpoch(trust, judged.value.next, link);
  }
  return ok(trust);
}

function withEpoch(trust: NetworkTrust, next: AuthoritySet, link: HandoffLink): NetworkTrust {
  const [first, ...later] = trust.sets;
  return { ...trust, sets: [first, ...later, next], current: next, links: [...trust.links, link] };
}
