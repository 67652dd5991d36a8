import { toHex } from '@assay/core/encoding/hex.ts';
import { CompactRange, leafHash } from '@assay/core/log/merkle.ts';
import { candidateMessage, type Candidate } from '@assay/core/records/candidate.ts';
import {
  acceptanceMessage,
  ballotMessage,
  changeDigest,
  nextKeysMessage,
  sortChanges,
  type Change,
  type MembershipBallot,
} from '@assay/core/records/membership.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { hashBytes } from '../block.ts';
import type { TreeHead } from '../cosignature.ts';
import type { Era, Network } from '../era.ts';
import { FAKE_GENESIS, fakeIdentity, fakeKey, fakeSignature, type FakeSignatures } from './fake-network.ts';

/** Who joins and leaves, by name, and whether members offer fresh keys. */
export interface FakeChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  /** Indices of the members that approve; a quorum unless told otherwise. */
  readonly approve?: readonly number[];
  /** Whether those who vote on it offer new keys; the others keep theirs in any case. */
  readonly rotate?: boolean;
}

/** The transaction by which the authorities of an epoch change their set. Whoever joins brings the keys of that generation. */
export function fakeChange(
  { trust }: Pick<Network, 'trust'>,
  era: Era,
  { add = [], remove = [], approve = indices(era.quorum), rotate = true }: FakeChange,
  { sign }: Pick<FakeSignatures, 'sign'> = { sign: fakeSignature },
): Uint8Array {
  const { networkId } = trust;
  const { epoch, set } = era;
  const start = era.closings.at(-1)?.head ?? fakeGenesisHead();
  const changes = sortChanges([
    ...add.map((name): Change => {
      const candidate = fakeCandidate(networkId, name, epoch + 1, sign);
      const said = { epoch, size: start.size, root: hashBytes(start.root) };
      const signature = sign(candidate.authority.voteKey, acceptanceMessage(candidate, said));
      return { kind: 'add', candidate, acceptance: { ...said, signature } };
    }),
    ...remove.map((name): Change => ({ kind: 'remove', name })),
  ]);
  const subject = { networkId, epoch, digest: changeDigest(changes) };
  const ballots = approve.flatMap((authority): MembershipBallot[] => {
    const member = set.authorities[authority];
    if (member === undefined) return [];
    const { name } = member;
    const voteKey = rotate ? fakeKey(name, 'vote', epoch + 1) : member.voteKey;
    const cosignKey = rotate ? fakeKey(name, 'cosign', epoch + 1) : member.cosignKey;
    const offer = nextKeysMessage(subject, name, { voteKey, cosignKey });
    const unsigned = {
      authority,
      approve: true,
      nextVoteKey: voteKey,
      nextCosignKey: cosignKey,
      proofs: { vote: sign(voteKey, offer), cosign: sign(cosignKey, offer) },
    };
    return [{ ...unsigned, signature: sign(member.voteKey, ballotMessage(subject, unsigned)) }];
  });
  return encodeTransaction({ v: 1, kind: 'authority-change', epoch, changes, ballots });
}

/** The tree of the fake genesis batch. */
export function fakeGenesisHead(): TreeHead {
  const range = CompactRange.of();
  for (const entry of FAKE_GENESIS.entries) range.append(leafHash(entry));
  return { size: range.size, root: toHex(range.root()) };
}

function fakeCandidate(
  networkId: Uint8Array,
  name: string,
  generation: number,
  sign: FakeSignatures['sign'],
): Candidate {
  const authority = fakeIdentity(name, generation);
  const addresses = ['/ip4/127.0.0.1/tcp/4100'];
  const message = candidateMessage(networkId, { authority, addresses });
  const { voteKey, cosignKey, logKey, buildKey, peerKey } = authority;
  const proofs = {
    vote: sign(voteKey, message),
    cosign: sign(cosignKey, message),
    log: sign(logKey, message),
    build: sign(buildKey, message),
    peer: sign(peerKey, message),
  };
  return { v: 1, networkId, authority, addresses, proofs };
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
