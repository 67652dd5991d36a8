import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519Node } from '../crypto/ed25519-node.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { decodeEvidenceBundle } from './agreement.ts';
import { attest, attestFailure, makeNetwork, makeProposal, makeTransaction } from './network.fixture.ts';
import { checkAdd } from './check-transaction.ts';
import { decodeTransaction, encodeTransaction, type AddTransaction } from './transaction.ts';

const network = makeNetwork();
const purl = 'pkg:npm/clsx@2.1.1';
const proposal = makeProposal(purl, utf8('the bytes'));
const others = makeProposal(purl, utf8('other bytes'));
const valid = makeTransaction(network, proposal, [0, 1, 3], [attest(network, 2, others)]);

function check(transaction: AddTransaction, trust = network.trust) {
  return checkAdd(transaction, { trust, set: trust.current }, verifyEd25519Node);
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

describe('a transaction', () => {
  it('with a quorum of equal attestations gives the record and its evidence', () => {
    const { records, evidence } = unwrap(check(valid));
    const [record] = records;
    expect([...record.provenance.builders]).toEqual([0b1011]);
    expect(equalBytes(record.provenance.evidence, sha256(evidence))).toBe(true);
    expect(unwrap(decodeEvidenceBundle(evidence))).toEqual({ agree: valid.agree, dissent: valid.dissent });
    expect(record.purl).toBe(purl);
  });

  it('reads back as it was written', () => {
    expect(unwrap(decodeTransaction(encodeTransaction(valid)))).toEqual(valid);
  });

  it('may carry a failure as dissent', () => {
    expect(check(makeTransaction(network, proposal, [0, 1, 2], [attestFailure(network, 3, purl)])).ok).toBe(
      true,
    );
  });

  it.each<[string, AddTransaction]>([
    ['E_AGREEMENT_QUORUM', makeTransaction(network, proposal, [0, 1])],
    ['E_AGREEMENT_DUPLICATE', makeTransaction(network, proposal, [0, 1, 1])],
    ['E_AGREEMENT_DUPLICATE', makeTransaction(network, proposal, [0, 1, 2], [attest(network, 2, others)])],
    ['E_AGREEMENT_OUTCOME', { ...valid, proposal: others }],
    [
      'E_AGREEMENT_OUTCOME',
      { ...valid, agree: [...valid.agree, attestFailure(network, 2, purl)], dissent: [] },
    ],
    ['E_AGREEMENT_OUTCOME', makeTransaction(network, proposal, [0, 1, 2], [attest(network, 3, proposal)])],
    ['E_AGREEMENT_PURL', { ...valid, dissent: [attestFailure(network, 2, 'pkg:npm/clsx@2.1.0')] }],
    ['E_ATTESTATION_SIGNER', makeTransaction(makeNetwork(4, {}, 'other'), proposal, [0, 1, 2])],
    ['E_JSON', { ...valid, dissent: [utf8('{"payload":"",')] }],
  ])('is refused with %s', (code, transaction) => {
    expect(codeOf(check(transaction))).toBe(code);
  });

  it('is refused when one signature does not match, in a dissent too', () => {
    const forged = (envelope: Uint8Array | undefined) => {
      const text = new TextDecoder().decode(envelope);
      return utf8(text.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`));
    };
    const [first, ...rest] = valid.agree;
    expect(codeOf(check({ ...valid, agree: [forged(first), ...rest] }))).toBe('E_SIGNATURE');
    expect(codeOf(check({ ...valid, dissent: valid.dissent.map(forged) }))).toBe('E_SIGNATURE');
  });

  it('does not count in a network with the same keys but another genesis', () => {
    const sibling = makeNetwork(4, { created: 1 });
    expect(codeOf(check(valid, sibling.trust))).toBe('E_ATTESTATION');
  });

  it('is refused when a file is larger than the network allows', () => {
    const small = makeNetwork(4, { limits: { maxArtifactBytes: 8 } });
    expect(codeOf(check(makeTransaction(small, proposal, [0, 1, 2]), small.trust))).toBe(
      'E_TRANSACTION_FORM',
    );
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
          expect(transaction.value.kind).toBe('artifact-add');
          const checked = check(transaction.value as AddTransaction);
          // A valid change would have to be a signed one: only leaving out the dissent is, and that needs more than three edits.
          expect(checked.ok).toBe(false);
        }),
        { numRuns: 1500 },
      );
    },
  );
});
