import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, equalBytes, u64be, utf8 } from '../encoding/bytes.ts';
import { arrayOf, bool, bytes, int, literal, shape, variant, type Reader } from '../encoding/cbor-shape.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { authorityToCbor, readAuthorityName } from './authority.ts';
import type { AuthoritySet } from './authority-set.ts';
import { candidateDigest, candidateToCbor, readCandidate, type Candidate } from './candidate.ts';
import { MAX_AUTHORITIES, MAX_CHANGES } from './limits.ts';
import type { NamedHead } from './log-head.ts';
import { subjectOf, usableOffers, type FreshKeys, type SetChange } from './next-set.ts';

const ACCEPTANCE_DOMAIN = utf8('assay-acceptance/v1\0');
const BALLOT_DOMAIN = utf8('assay-membership/v1\0');
const KEYS_DOMAIN = utf8('assay-next-keys/v1\0');

/** A candidate says that it would join now: it follows the log at least to where the epoch in force began. */
export interface Acceptance {
  /** The epoch in force. */
  readonly epoch: number;
  /** Size of the tree with which that epoch began. */
  readonly size: number;
  /** Root of that tree, 32 bytes. */
  readonly root: Uint8Array;
  /** By the candidate's vote key over `acceptanceMessage`. */
  readonly signature: Uint8Array;
}

/** One change of the authority set that operators propose. */
export type Change =
  | { readonly kind: 'add'; readonly candidate: Candidate; readonly acceptance: Acceptance }
  | { readonly kind: 'remove'; readonly name: string };

/** What one authority says about a change, together with the keys it wants to use in the next epoch. */
export interface MembershipBallot {
  /** Index in the set of the epoch in force. */
  readonly authority: number;
  /** False: it only offers its keys. */
  readonly approve: boolean;
  readonly nextVoteKey: Uint8Array;
  readonly nextCosignKey: Uint8Array;
  /** By the new keys over `nextKeysMessage`. */
  readonly proofs: { readonly vote: Uint8Array; readonly cosign: Uint8Array };
  /** By the present vote key over `ballotMessage`. */
  readonly signature: Uint8Array;
}

/** What a ballot is about. */
export interface BallotSubject {
  readonly networkId: Uint8Array;
  /** The epoch in force. */
  readonly epoch: number;
  /** `changeDigest` of the changes, 32 bytes. */
  readonly digest: Uint8Array;
}

const key = bytes({ length: 32 });
const signature = bytes({ length: 64 });

const readChange: Reader<Change> = variant('kind', {
  add: shape({
    kind: literal('add'),
    candidate: readCandidate,
    acceptance: shape({ epoch: int({ min: 1 }), size: int({ min: 1 }), root: key, signature }),
  }),
  remove: shape({ kind: literal('remove'), name: readAuthorityName }),
});

const readChangeList = arrayOf(readChange, { min: 1, max: MAX_CHANGES });

/** Reads changes, which stand in ascending order of the names they are about, so that equal changes have equal bytes. */
export const readChanges: Reader<readonly Change[]> = (value, path) => {
  const changes = readChangeList(value, path);
  if (!changes.ok) return changes;
  const names = changes.value.map((change) => subjectOf(setChangeOf(change)));
  const ascends = names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name);
  return ascends
    ? changes
    : fail('E_MEMBERSHIP', { reason: 'its changes are not in the order of their names' });
};

/** Reads one ballot; `checkBallot` says whether it counts. */
export const readBallot: Reader<MembershipBallot> = shape({
  authority: int({ min: 0, max: MAX_AUTHORITIES - 1 }),
  approve: bool(),
  nextVoteKey: key,
  nextCosignKey: key,
  proofs: shape({ vote: signature, cosign: signature }),
  signature,
});

/** The CBOR form of a change. */
export function changeToCbor(change: Change): CborMap {
  return change.kind === 'remove'
    ? { ...change }
    : {
        kind: change.kind,
        candidate: candidateToCbor(change.candidate),
        acceptance: { ...change.acceptance },
      };
}

/** The CBOR form of a ballot. */
export function ballotToCbor(ballot: MembershipBallot): CborMap {
  return { ...ballot, proofs: { ...ballot.proofs } };
}

/** What a change does to the set, without who vouches for it. */
export function setChangeOf(change: Change): SetChange {
  return change.kind === 'remove' ? change : { kind: 'add', authority: change.candidate.authority };
}

/** Changes in the one order that ballots and transactions have: by the names they are about. */
export function sortChanges(changes: readonly Change[]): readonly Change[] {
  const nameOf = (change: Change) => subjectOf(setChangeOf(change));
  return changes.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** SHA-256 of what the changes do: candidates by authority and addresses, whoever proved and accepted what. */
export function changeDigest(changes: readonly Change[]): Uint8Array {
  return sha256(
    encodeCbor(
      sortChanges(changes).map((change): CborMap => {
        if (change.kind === 'remove') return { ...change };
        const { authority, addresses } = change.candidate;
        return { kind: change.kind, authority: authorityToCbor(authority), addresses: [...addresses] };
      }),
    ),
  );
}

/** What a candidate signs to accept: the epoch, where it began, and what the candidate stands for. */
export function acceptanceMessage(
  candidate: Candidate,
  { epoch, size, root }: Omit<Acceptance, 'signature'>,
): Uint8Array {
  const digest = candidateDigest(candidate);
  return concatBytes(ACCEPTANCE_DOMAIN, candidate.networkId, u64be(epoch), u64be(size), root, digest);
}

/** What an authority's vote key signs: the change, whether it approves, and its keys for the next epoch. */
export function ballotMessage(
  { networkId, epoch, digest }: BallotSubject,
  { approve, nextVoteKey, nextCosignKey }: Omit<MembershipBallot, 'signature'>,
): Uint8Array {
  const said = Uint8Array.of(approve ? 1 : 0);
  return concatBytes(BALLOT_DOMAIN, networkId, u64be(epoch), digest, said, nextVoteKey, nextCosignKey);
}

/** What the new keys sign, to prove that who offers them holds them: the epoch in force, whose they will be, and both. */
export function nextKeysMessage(
  { networkId, epoch }: Pick<BallotSubject, 'networkId' | 'epoch'>,
  name: string,
  { voteKey, cosignKey }: FreshKeys,
): Uint8Array {
  return concatBytes(KEYS_DOMAIN, networkId, u64be(epoch), voteKey, cosignKey, utf8(name));
}

/** Whether the candidate accepts for this epoch, knowing the tree it began with. Fails with `E_CANDIDATE`. */
export function checkAcceptance(
  candidate: Candidate,
  acceptance: Acceptance,
  start: NamedHead & { readonly epoch: number },
  verify: VerifyEd25519,
): Result<void> {
  const { epoch, size, root } = acceptance;
  if (epoch !== start.epoch) return fail('E_CANDIDATE', { reason: `it accepts for epoch ${epoch}` });
  if (size !== start.size || !equalBytes(root, start.root)) {
    return fail('E_CANDIDATE', { reason: 'it does not know the log that this epoch began with' });
  }
  const message = acceptanceMessage(candidate, acceptance);
  return verify(candidate.authority.voteKey, message, acceptance.signature)
    ? ok(undefined)
    : fail('E_SIGNATURE', { name: candidate.authority.name });
}

/** Whether a ballot is by the member it names, who also holds the keys it offers, which nobody in the set uses. Fails with `E_MEMBERSHIP` or `E_SIGNATURE`. */
export function checkBallot(
  ballot: MembershipBallot,
  subject: BallotSubject,
  set: AuthoritySet,
  verify: VerifyEd25519,
): Result<void> {
  const member = set.authorities[ballot.authority];
  if (member === undefined)
    return fail('E_MEMBERSHIP', { reason: 'a ballot of somebody who is not in the set' });
  const fresh = { voteKey: ballot.nextVoteKey, cosignKey: ballot.nextCosignKey };
  if (usableOffers(set, [], new Map([[member.name, fresh]])).size === 0)
    return fail('E_MEMBERSHIP', { reason: `${member.name} offers a key that is in use already` });
  const offer = nextKeysMessage(subject, member.name, fresh);
  const isGood =
    verify(member.voteKey, ballotMessage(subject, ballot), ballot.signature) &&
    verify(fresh.voteKey, offer, ballot.proofs.vote) &&
    verify(fresh.cosignKey, offer, ballot.proofs.cosign);
  return isGood ? ok(undefined) : fail('E_SIGNATURE', { name: member.name });
}
