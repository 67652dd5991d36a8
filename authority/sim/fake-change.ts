import { candidateMessage, keysByJob, type Candidate } from '@assay/core/records/candidate.ts';
import {
  acceptanceMessage,
  ballotMessage,
  changeDigest,
  nextKeysMessage,
  sortChanges,
  type Change,
} from '@assay/core/records/membership.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { hashBytes } from '../src/consensus/block.ts';
import type { TreeHead } from '../src/consensus/cosignature.ts';
import type { Context } from '../src/consensus/era.ts';
import { fakeIdentity, fakeKey } from '../src/consensus/testing/fake-network.ts';
import { fakeSignature } from './fake-signature.ts';

/** A change of the set of an epoch that all its members approve, offering fresh keys. `start` is the tree the epoch began with. */
export function fakeChange(
  { set, trust: { networkId } }: Context,
  start: TreeHead,
  { joining, leaving }: { readonly joining: readonly string[]; readonly leaving: readonly string[] },
): Uint8Array {
  const { epoch } = set;
  const changes = sortChanges([
    ...joining.map((name): Change => {
      const candidate = candidateOf(networkId, name, epoch);
      const said = { epoch, size: start.size, root: hashBytes(start.root) };
      const signature = fakeSignature(candidate.authority.voteKey, acceptanceMessage(candidate, said));
      return { kind: 'add', candidate, acceptance: { ...said, signature } };
    }),
    ...leaving.map((name): Change => ({ kind: 'remove', name })),
  ]);
  const subject = { networkId, epoch, digest: changeDigest(changes) };
  const ballots = set.authorities.map(({ name, voteKey }, authority) => {
    const fresh = {
      voteKey: fakeKey(name, 'vote', epoch + 1),
      cosignKey: fakeKey(name, 'cosign', epoch + 1),
    };
    const offer = nextKeysMessage(subject, name, fresh);
    const proofs = {
      vote: fakeSignature(fresh.voteKey, offer),
      cosign: fakeSignature(fresh.cosignKey, offer),
    };
    const keys = { nextVoteKey: fresh.voteKey, nextCosignKey: fresh.cosignKey };
    const unsigned = { authority, approve: true, ...keys, proofs };
    return { ...unsigned, signature: fakeSignature(voteKey, ballotMessage(subject, unsigned)) };
  });
  return encodeTransaction({ v: 1, kind: 'authority-change', epoch, changes, ballots });
}

function candidateOf(networkId: Uint8Array, name: string, epoch: number): Candidate {
  const authority = fakeIdentity(name, epoch + 100);
  const addresses = ['/ip4/127.0.0.1/tcp/4100'];
  const message = candidateMessage(networkId, { authority, addresses });
  const keys = keysByJob(authority);
  const prove = (job: keyof typeof keys) => fakeSignature(keys[job], message);
  const proofs = {
    vote: prove('vote'),
    cosign: prove('cosign'),
    log: prove('log'),
    build: prove('build'),
    peer: prove('peer'),
  };
  return { v: 1, networkId, authority, addresses, proofs };
}
