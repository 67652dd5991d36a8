import { sha256 } from '../crypto/sha256.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import type { LogStore } from '../log/log-store.ts';
import { verifyConsistency } from '../log/merkle.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { decodeLookup } from '../lookup/bundle.ts';
import { checkLookup, checkLookupHead } from '../lookup/check.ts';
import { verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import type { NetworkTrust } from '../records/types.ts';
import type { PreviousHead } from '../verify/types.ts';
import { evidenceOf, type ProvenLookup } from './light-head.ts';
import type { Anchor } from './stores.ts';

/** What a kept answer is held to. */
export interface KeptLookupContext {
  readonly store: Pick<LogStore, 'read'>;
  readonly trust: NetworkTrust;
  readonly anchor: Anchor | undefined;
  readonly verifySignature: VerifyEd25519Async;
}

/** An answer that was kept, with the checkpoint it rests on. */
export interface KeptLookup extends ProvenLookup {
  readonly checkpoint: VerifiedCheckpoint;
}

/** What the answer is filed under that a version was verified with. */
export function purlDigest(purl: string): Uint8Array {
  return sha256(utf8(purl));
}

/** Where the answer about the version with this `purlDigest` is kept. */
export function keptLookupPath(digest: Uint8Array): string {
  return `lookup/${toHex(digest)}`;
}

/**
 * The answer that was kept of a version, as far as it still holds: complete, about this version, under a checkpoint that a quorum
 * signed and that the anchor does not contradict. Undefined when there is none, or one that was damaged or is of something else;
 * never rejects.
 */
export async function readKeptLookup(
  purl: string,
  context: KeptLookupContext,
): Promise<KeptLookup | undefined> {
  try {
    const stored = await context.store.read(keptLookupPath(purlDigest(purl)));
    return stored && (await prove(stored, purl, context));
  } catch {
    return undefined;
  }
}

async function prove(
  stored: Uint8Array,
  purl: string,
  { trust, anchor, verifySignature }: KeptLookupContext,
): Promise<KeptLookup | undefined> {
  const bundle = unwrap(decodeLookup(stored));
  if (bundle.head === undefined) return undefined;
  const { checkpoint: note, state: stateBytes, edge, consistency } = bundle.head;
  const checkpoint = unwrap(await verifyNetworkCheckpoint(note, trust, verifySignature));
  const state = unwrap(checkLookupHead({ state: stateBytes, edge }, checkpoint));
  const { size } = checkpoint;
  const found = unwrap(checkLookup(bundle, purl, { size, mapRoot: state.mapRoot }));
  if (found.event === undefined) return undefined;
  if (anchor !== undefined && isElsewhere(checkpoint, anchor)) return undefined;
  const previous = anchor && previousOf(checkpoint, anchor, consistency ?? []);
  const head = { checkpoint, state, stateBytes, edge, ...(previous && { previous }) };
  return { ...found, records: bundle.records, evidence: evidenceOf(bundle, head), checkpoint };
}

/** Whether the checkpoint is, or after a contradiction may be, of another history than the anchor. */
function isElsewhere({ size, root }: VerifiedCheckpoint, anchor: Anchor): boolean {
  return anchor.size === size ? !equalBytes(anchor.root, root) : anchor.conflict !== undefined;
}

/**
 * The tree head seen before that a kept checkpoint is compared with. One that is older than the anchor was this node's own when the
 * answer was kept, and every head since then was proven to continue it. Throws when a newer one cannot be connected with the anchor.
 */
function previousOf(
  { size, root }: VerifiedCheckpoint,
  anchor: Anchor,
  consistency: readonly Uint8Array[],
): PreviousHead {
  if (size <= anchor.size) return { size, root, consistency: [] };
  unwrap(verifyConsistency(anchor.size, size, anchor.root, root, consistency));
  return { size: anchor.size, root: anchor.root, consistency };
}
