import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { candidateMessage, type Candidate } from '@assay/core/records/candidate.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import { MAX_ADDRESSES } from '@assay/core/records/limits.ts';
import { acceptanceMessage, type Acceptance } from '@assay/core/records/membership.ts';
import type { AuthorityConfig } from '../config.ts';
import { identityOf, type AuthorityKeys } from '../keys.ts';

/** What this authority would join with: always the same for the same keys and addresses. */
export function ownCandidate(
  keys: AuthorityKeys,
  addresses: readonly string[],
  networkId: Uint8Array,
): Candidate {
  const authority = identityOf(keys);
  const message = candidateMessage(networkId, { authority, addresses });
  const prove = (seed: Uint8Array): Uint8Array => signEd25519Node(message, seed);
  const proofs = {
    vote: prove(keys.vote),
    cosign: prove(keys.cosign),
    log: prove(keys.log),
    build: prove(keys.build),
    peer: prove(keys.peer),
  };
  return { v: 1, networkId, authority, addresses, proofs };
}

/** Says that a candidate would join in this epoch, whose beginning it knows. */
export function acceptIn(
  { set, start }: EpochContext,
  candidate: Candidate,
  voteSeed: Uint8Array,
): Acceptance {
  const said = { epoch: set.epoch, size: start.size, root: start.root };
  return { ...said, signature: signEd25519Node(acceptanceMessage(candidate, said), voteSeed) };
}

/** Where others reach the authority. Throws `E_AUTHORITY_ADDRESS` when its configuration does not tell. */
export function announcedAddresses({
  announce,
  listen,
}: Pick<AuthorityConfig, 'announce' | 'listen'>): readonly string[] {
  if (announce !== undefined) return announce.slice(0, MAX_ADDRESSES);
  const isOpen = /\/(ip4\/0\.0\.0\.0|ip6\/::)\/|\/tcp\/0$/.test(listen);
  if (isOpen) throw new AssayError('E_AUTHORITY_ADDRESS', { listen });
  return [listen];
}
