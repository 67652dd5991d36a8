import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519Node } from '../crypto/ed25519-node.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { bitmapIndices } from './bitmap.ts';
import {
  checkCandidate,
  decodeCandidate,
  encodeCandidate,
  formatCandidateFile,
  parseCandidateFile,
} from './candidate.ts';
import { checkChange } from './check-change.ts';
import { epochContext, type EpochContext } from './epoch-context.ts';
import { freshKeys, makeCandidate, makeChange, setAfter } from './epochs.fixture.ts';
import { changeDigest, type MembershipBallot } from './membership.ts';
import { makeNetwork } from './network.fixture.ts';
import { decodeTransaction, encodeTransaction, type AuthorityChangeTransaction } from './transaction.ts';

const network = makeNetwork();
const { networkId } = network.trust;
const etna = makeCandidate(network, 'etna');
let context: EpochContext;
let valid: AuthorityChangeTransaction;

beforeAll(() => {
  context = unwrap(epochContext(network.trust));
  valid = makeChange(network, context, { add: [etna] }, [0, 1, 3]);
});

function check(transaction: AuthorityChangeTransaction, of = context) {
  return checkChange(transaction, of, verifyEd25519Node);
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

describe('a candidate', () => {
  it('reads back from its bytes and from its file, whatever mail did to the line ends', () => {
    expect(unwrap(decodeCandidate(encodeCandidate(etna)))).toEqual(etna);
    const file = formatCandidateFile(etna);
    expect(file.split('\n').every((line) => line.length <= 64)).toBe(true);
    expect(unwrap(parseCandidateFile(`Dear operators,\r\n\r\n${file.replaceAll('\n', '\r\n  ')}`))).toEqual(
      etna,
    );
  });

  it('holds its keys, for this network alone', () => {
    expect(checkCandidate(etna, networkId, verifyEd25519Node).ok).toBe(true);
    expect(codeOf(checkCandidate(etna, sha256(networkId), verifyEd25519Node))).toBe('E_CANDIDATE');
    const elsewhere = { ...etna, networkId: sha256(networkId) };
    expect(codeOf(checkCandidate(elsewhere, sha256(networkId), verifyEd25519Node))).toBe('E_CANDIDATE');
  });

  it.each(['vote', 'cosign', 'log', 'build', 'peer'] as const)(
    'without proof of its %s key is none',
    (job) => {
      const other = makeCandidate(network, 'etna', 2);
      const stolen = {
        ...etna,
        authority: { ...etna.authority, [`${job}Key`]: other.authority[`${job}Key`] },
      };
      expect(codeOf(checkCandidate(stolen, networkId, verifyEd25519Node))).toBe('E_CANDIDATE');
      const unproven = { ...etna, proofs: { ...etna.proofs, [job]: other.proofs[job] } };
      expect(codeOf(checkCandidate(unproven, networkId, verifyEd25519Node))).toBe('E_CANDIDATE');
    },
  );

  it('with one key for two jobs is none', () => {
    const { voteKey } = etna.authority;
    const double = { ...etna, authority: { ...etna.authority, peerKey: voteKey } };
    expect(codeOf(checkCandidate(double, networkId, verifyEd25519Node))).toBe('E_CANDIDATE');
  });

  it('is refused as a file that is none', () => {
    for (const text of [
      '',
      'hello',
      formatCandidateFile(etna).slice(0, 300),
      formatCandidateFile(etna).replace('A', '!'),
    ]) {
      expect(parseCandidateFile(text).ok).toBe(false);
    }
  });

  it('never throws while being read, and what is read has one encoding', () => {
    fc.assert(
      fc.property(mutatedBytes(fc.constant(encodeCandidate(etna))), (mutated) => {
        const candidate = decodeCandidate(mutated);
        if (candidate.ok) expect(equalBytes(encodeCandidate(candidate.value), mutated)).toBe(true);
      }),
    );
  });
});

describe('a change of the authorities', () => {
  it('by a quorum gives its records, its own bytes as evidence, and everybody’s fresh keys', () => {
    const { records, evidence, changes, freshKeys: fresh } = unwrap(check(valid));
    const [record] = records;
    expect(record).toMatchObject({ kind: 'authority-add', epoch: 1, authority: etna.authority });
    expect(bitmapIndices(record?.approvals ?? new Uint8Array(), 4)).toEqual([0, 1, 3]);
    expect(record?.evidence).toEqual(sha256(encodeTransaction(valid)));
    expect(evidence).toEqual(encodeTransaction(valid));
    expect(changes).toEqual([{ kind: 'add', authority: etna.authority }]);
    expect([...fresh.keys()]).toEqual(['ayla', 'borneo', 'cassini', 'delft']);
    expect(fresh.get('cassini')).toEqual(freshKeys(network, 'cassini', 1));
  });

  it('is judged by the epochs before it: who joined by it is in the later ones, and may not come back with the old keys', () => {
    const { trust, set, start } = context;
    const joined = setAfter(network, context, valid, { since: 10 });
    const later = { ...trust, sets: [trust.sets[0], joined, { ...set, epoch: 3 }] as const, current: set };
    expect(check(valid, { ...context, trust: later }).ok).toBe(true);
    const now = { trust: later, set: { ...set, epoch: 3 }, start };
    expect(codeOf(check(makeChange(network, now, { add: [etna] }), now))).toBe('E_MEMBERSHIP');
    const renewed = makeCandidate(network, 'etna', 2);
    expect(check(makeChange(network, now, { add: [renewed] }), now).ok).toBe(true);
  });

  it('may remove a member', () => {
    const { records } = unwrap(check(makeChange(network, context, { remove: ['ayla'] })));
    expect(records).toMatchObject([{ kind: 'authority-remove', name: 'ayla' }]);
  });

  it('reads back as it was written', () => {
    expect(unwrap(decodeTransaction(encodeTransaction(valid)))).toEqual(valid);
  });

  it('is approved by digest: what a candidate proves and accepts is no part of it', () => {
    const [change] = valid.changes;
    if (change?.kind !== 'add') throw new Error('the fixture adds');
    const proofs = { ...change.candidate.proofs, vote: new Uint8Array(64) };
    const reproven = { ...change, candidate: { ...change.candidate, proofs } };
    expect(changeDigest([reproven])).toEqual(changeDigest(valid.changes));
    const moved = { ...change, candidate: { ...change.candidate, addresses: [] } };
    expect(changeDigest([moved])).not.toEqual(changeDigest(valid.changes));
  });

  it.each<[string, string, () => AuthorityChangeTransaction]>([
    ['E_MEMBERSHIP', 'too few approvals', () => makeChange(network, context, { add: [etna] }, [0, 1])],
    ['E_MEMBERSHIP', 'a ballot left out', () => ({ ...valid, ballots: valid.ballots.slice(1, 3) })],
    [
      'E_MEMBERSHIP',
      'a ballot that counts twice',
      () => ({ ...valid, ballots: [...valid.ballots, ...valid.ballots] }),
    ],
    ['E_MEMBERSHIP', 'another epoch', () => ({ ...valid, epoch: 2 })],
    [
      'E_MEMBERSHIP',
      'two changes at once',
      () => makeChange(network, context, { add: [etna], remove: ['ayla'] }),
    ],
    ['E_MEMBERSHIP', 'a stranger who leaves', () => makeChange(network, context, { remove: ['zagros'] })],
    ['E_MEMBERSHIP', 'one key offered for two jobs', () => offering(({ nextVoteKey }) => nextVoteKey)],
    ['E_MEMBERSHIP', 'a member’s log key offered', () => offering(() => logKeyOfAyla())],
    [
      'E_SIGNATURE',
      'ballots about something else',
      () => ({ ...valid, changes: makeChange(network, context, { remove: ['ayla'] }).changes }),
    ],
    [
      'E_SIGNATURE',
      'a refusal turned into an approval',
      () => ({ ...valid, ballots: valid.ballots.map((ballot) => ({ ...ballot, approve: true })) }),
    ],
    [
      'E_SIGNATURE',
      'keys that their holder does not prove',
      () => ({
        ...valid,
        ballots: valid.ballots.map((ballot) => ({
          ...ballot,
          proofs: { ...ballot.proofs, vote: ballot.proofs.cosign },
        })),
      }),
    ],
    ['E_CANDIDATE', 'an acceptance of another moment', () => accepting({ epoch: 2 })],
    ['E_CANDIDATE', 'a candidate that does not know the log', () => accepting({ root: new Uint8Array(32) })],
    ['E_SIGNATURE', 'an acceptance by somebody else', () => accepting({ signature: new Uint8Array(64) })],
  ])('is refused with %s for %s', (code, _, change) => {
    expect(codeOf(check(change()))).toBe(code);
  });

  it('is refused where it changes nothing, or names are out of order, before any signature is looked at', () => {
    const none = encodeTransaction({ ...valid, changes: [] });
    expect(decodeTransaction(none).ok).toBe(false);
    const twice = { ...valid, changes: [...valid.changes, ...valid.changes] };
    expect(codeOf(decodeTransaction(encodeTransaction(twice)))).toBe('E_MEMBERSHIP');
  });

  it(
    'never throws while being read and checked, and no changed byte leaves it valid',
    { timeout: 30_000 },
    () => {
      const bytes = encodeTransaction(valid);
      fc.assert(
        fc.property(mutatedBytes(fc.constant(bytes)), (mutated) => {
          const transaction = decodeTransaction(mutated);
          if (!transaction.ok || equalBytes(mutated, bytes)) return;
          expect(transaction.value.kind).toBe('authority-change');
          expect(check(transaction.value as AuthorityChangeTransaction).ok).toBe(false);
        }),
        { numRuns: 1500 },
      );
    },
  );
});

/** The valid change with another acceptance. */
function accepting(changes: object): AuthorityChangeTransaction {
  return {
    ...valid,
    changes: valid.changes.map((change) =>
      change.kind === 'add' ? { ...change, acceptance: { ...change.acceptance, ...changes } } : change,
    ),
  };
}

/** The valid change where everybody offers this cosign key. */
function offering(keyIn: (ballot: MembershipBallot) => Uint8Array): AuthorityChangeTransaction {
  return {
    ...valid,
    ballots: valid.ballots.map((ballot) => ({ ...ballot, nextCosignKey: keyIn(ballot) })),
  };
}

function logKeyOfAyla(): Uint8Array {
  return network.trust.current.authorities[0]?.logKey ?? new Uint8Array(32);
}
