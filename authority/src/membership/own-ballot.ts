import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import {
  ballotMessage,
  nextKeysMessage,
  type BallotSubject,
  type MembershipBallot,
} from '@assay/core/records/membership.ts';
import type { SigningPair } from '../keys.ts';

/** Who casts a ballot, and with what. */
export interface Voter {
  /** Index in the set in force. */
  readonly authority: number;
  readonly name: string;
  /** Seed of the vote key in force. */
  readonly voteSeed: Uint8Array;
  /** Keys for the next epoch; they must be durable before the ballot is shown to anyone. */
  readonly fresh: SigningPair;
}

/** Signs what an authority says about a change: that it approves, or only which keys it will use after it. */
export function signBallot(subject: BallotSubject, voter: Voter, approve: boolean): MembershipBallot {
  const { authority, name, voteSeed, fresh } = voter;
  const nextVoteKey = publicKeyFromSeed(fresh.vote);
  const nextCosignKey = publicKeyFromSeed(fresh.cosign);
  const offer = nextKeysMessage(subject, name, { voteKey: nextVoteKey, cosignKey: nextCosignKey });
  const proofs = { vote: signEd25519Node(offer, fresh.vote), cosign: signEd25519Node(offer, fresh.cosign) };
  const unsigned = { authority, approve, nextVoteKey, nextCosignKey, proofs };
  return { ...unsigned, signature: signEd25519Node(ballotMessage(subject, unsigned), voteSeed) };
}
