import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { AuthoritySet } from '../records/authority-set.ts';
import { encodeHandoffLink } from '../records/handoff.ts';
import { trustFromLinks } from '../records/trust-chain.ts';
import type { NetworkTrust } from '../records/types.ts';

/** Networks whose hand-offs were checked, kept per verifier. A program knows one network, a page that reads evidence files a few. */
const MAX_KEPT = 8;

const checked = new WeakMap<VerifyEd25519Async, Map<string, NetworkTrust>>();

/**
 * The trust as it follows from the genesis bytes and the hand-offs after them, every cosignature of them checked: what else the
 * caller put into it is compared, never believed. The same bytes are checked once by each verifier. Rejects only when `verify`
 * does. Fails with `E_TRUST` or as `trustFromLinks` does.
 */
export async function checkTrust(
  claimed: NetworkTrust,
  verify: VerifyEd25519Async,
): Promise<Result<NetworkTrust>> {
  const derived = await derive(claimed, verify);
  if (!derived.ok) return derived;
  const { networkId, sets, current } = derived.value;
  const isSame =
    equalBytes(networkId, claimed.networkId) &&
    sets.length === claimed.sets.length &&
    sets.every((set, index) => isSameSet(set, claimed.sets[index])) &&
    isSameSet(current, claimed.current);
  return isSame ? derived : fail('E_TRUST');
}

async function derive(
  { genesisBytes, links }: NetworkTrust,
  verify: VerifyEd25519Async,
): Promise<Result<NetworkTrust>> {
  const parts = [genesisBytes, ...links.map(encodeHandoffLink)];
  const digest = toHex(sha256(concatBytes(...parts.map((part) => sha256(part)))));
  const kept = checked.get(verify) ?? new Map<string, NetworkTrust>();
  checked.set(verify, kept);
  const known = kept.get(digest);
  if (known !== undefined) return ok(known);
  const derived = await trustFromLinks(genesisBytes, links, verify);
  if (!derived.ok) return derived;
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(digest, derived.value);
  return derived;
}

function isSameSet(derived: AuthoritySet, claimed: AuthoritySet | undefined): boolean {
  return (
    claimed !== undefined && derived.since === claimed.since && equalBytes(derived.setHash, claimed.setHash)
  );
}
