import { signEd25519 } from '../crypto/ed25519.ts';
import { unwrap } from '../errors/result.ts';
import { formatCheckpointBody } from '../log/checkpoint.ts';
import { cosignatureMessage } from '../log/cosignature.ts';
import type { AuthoritySet } from './authority-set.ts';
import { candidateMessage, keysByJob, type Candidate } from './candidate.ts';
import type { EpochContext } from './epoch-context.ts';
import type { NamedHead } from './log-head.ts';
import {
  acceptanceMessage,
  ballotMessage,
  changeDigest,
  nextKeysMessage,
  sortChanges,
  type Acceptance,
  type BallotSubject,
  type Change,
  type MembershipBallot,
} from './membership.ts';
import { CREATED, type TestNetwork } from './network.fixture.ts';
import { nextSet, type FreshKeys } from './next-set.ts';
import type { AuthorityChangeTransaction } from './transaction.ts';
import type { AuthorityIdentity, EpochHandoffRecord, HandoffCosignature } from './types.ts';

/** An authority with new keys; each generation of a name has others. */
export function makeAuthority(network: TestNetwork, name: string, generation = 1): AuthorityIdentity {
  const key = (job: string) => network.makeKey(`${name} ${generation} ${job}`);
  return {
    name,
    voteKey: key('vote'),
    cosignKey: key('cosign'),
    logKey: key('log'),
    buildKey: key('build'),
    peerKey: key('peer'),
  };
}

/** A candidate with new keys and good proofs. */
export function makeCandidate(network: TestNetwork, name: string, generation = 1): Candidate {
  const authority = makeAuthority(network, name, generation);
  const { networkId } = network.trust;
  const addresses = ['/ip4/127.0.0.1/tcp/4100'];
  const message = candidateMessage(networkId, { authority, addresses });
  const keys = keysByJob(authority);
  const prove = (key: Uint8Array) => signEd25519(message, network.seedOf(key));
  const proofs = {
    vote: prove(keys.vote),
    cosign: prove(keys.cosign),
    log: prove(keys.log),
    build: prove(keys.build),
    peer: prove(keys.peer),
  };
  return { v: 1, networkId, authority, addresses, proofs };
}

/** A candidate's acceptance for the epoch of `context`. */
export function accept(network: TestNetwork, candidate: Candidate, { set, start }: EpochContext): Acceptance {
  const said = { epoch: set.epoch, size: start.size, root: start.root };
  const seed = network.seedOf(candidate.authority.voteKey);
  return { ...said, signature: signEd25519(acceptanceMessage(candidate, said), seed) };
}

/** The keys an authority will use in the epoch after `epoch`. */
export function freshKeys(network: TestNetwork, name: string, epoch: number): FreshKeys {
  const key = (job: string) => network.makeKey(`${name} ${job} of epoch ${epoch + 1}`);
  return { voteKey: key('vote'), cosignKey: key('cosign') };
}

/** The ballot of member `authority`, who offers `freshKeys`. */
export function makeBallot(
  network: TestNetwork,
  set: AuthoritySet,
  subject: BallotSubject,
  { authority, approve = true }: { readonly authority: number; readonly approve?: boolean },
): MembershipBallot {
  const member = set.authorities[authority];
  if (member === undefined) throw new Error('no such authority');
  const fresh = freshKeys(network, member.name, set.epoch);
  const offer = nextKeysMessage(subject, member.name, fresh);
  const unsigned = {
    authority,
    approve,
    nextVoteKey: fresh.voteKey,
    nextCosignKey: fresh.cosignKey,
    proofs: {
      vote: signEd25519(offer, network.seedOf(fresh.voteKey)),
      cosign: signEd25519(offer, network.seedOf(fresh.cosignKey)),
    },
  };
  const signature = signEd25519(ballotMessage(subject, unsigned), network.seedOf(member.voteKey));
  return { ...unsigned, signature };
}

/** A change of the set that those of `approve`, everybody unless told otherwise, approve; the others only offer keys. */
export function makeChange(
  network: TestNetwork,
  context: EpochContext,
  what: { readonly add?: readonly Candidate[]; readonly remove?: readonly string[] },
  approve: readonly number[] = context.set.authorities.map((_, index) => index),
): AuthorityChangeTransaction {
  const { set } = context;
  const changes = sortChanges([
    ...(what.add ?? []).map((candidate): Change => ({
      kind: 'add',
      candidate,
      acceptance: accept(network, candidate, context),
    })),
    ...(what.remove ?? []).map((name): Change => ({ kind: 'remove', name })),
  ]);
  const subject = { networkId: network.trust.networkId, epoch: set.epoch, digest: changeDigest(changes) };
  const ballots = set.authorities.map((_, authority) =>
    makeBallot(network, set, subject, { authority, approve: approve.includes(authority) }),
  );
  return { v: 1, kind: 'authority-change', epoch: set.epoch, changes, ballots };
}

/** The set that a change of `makeChange` leads to. */
export function setAfter(
  network: TestNetwork,
  { set }: EpochContext,
  change: AuthorityChangeTransaction,
  { since, suspended = [] }: { readonly since: number; readonly suspended?: readonly string[] },
): AuthoritySet {
  const changes = change.changes.map((one) =>
    one.kind === 'remove' ? one : { kind: one.kind, authority: one.candidate.authority },
  );
  const fresh = new Map(
    set.authorities.map(({ name }) => [name, freshKeys(network, name, set.epoch)] as const),
  );
  const { origin } = network.trust.genesis;
  return unwrap(nextSet(set, { origin, changes, freshKeys: fresh, suspended, since }));
}

/** Cosignatures of a tree head by these members of a set. */
export function cosign(
  network: TestNetwork,
  set: AuthoritySet,
  { size, root }: NamedHead,
  by: readonly number[] = set.authorities.slice(0, set.policy.quorum).map((_, index) => index),
  time: number = CREATED + 500,
): HandoffCosignature[] {
  const { origin } = network.trust.genesis;
  const message = cosignatureMessage(formatCheckpointBody({ origin, size, root, extensions: [] }), time);
  return by.map((authority) => {
    const key = set.authorities[authority]?.cosignKey ?? new Uint8Array();
    return { authority, time, signature: signEd25519(message, network.seedOf(key)) };
  });
}

/** The hand-off by which `set` ends at `head` and `next` begins. */
export function makeHandoff(
  network: TestNetwork,
  set: AuthoritySet,
  head: NamedHead,
  next: AuthoritySet,
): EpochHandoffRecord {
  const { size, root } = head;
  const cosignatures = cosign(network, set, head);
  const { epoch, authorities } = next;
  return { kind: 'epoch-handoff', v: 1, epoch, size, root, cosignatures, authorities };
}
