import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { attest, makeNetwork, makeProposal, makeTransaction } from '@assay/core/records/network.fixture.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { firstEra } from './era.ts';
import { networkContext } from './network-context.ts';

const network = makeNetwork(4);
const { trust } = network;
const keyRing = { voteSeed: none, cosignSeed: none, logSeed: none, voteKeys: () => [] };
const authority = networkContext(trust, { name: 'nobody', keyRing, delta: 100 });
const era = firstEra(authority, trust.current);
const check = (bytes: Uint8Array) => authority.checkTransaction(bytes, era);
const proposal = makeProposal('pkg:npm/clsx@2.1.1', utf8('what most saw'));
const other = makeProposal('pkg:npm/clsx@2.1.1', utf8('what one saw'));
const dissent = [attest(network, 3, other)];

describe('checking a transaction', () => {
  it('counts all who speak, so that of two the one with the dissent is preferred', () => {
    const silent = unwrap(check(encodeTransaction(makeTransaction(network, proposal, [0, 1, 2]))));
    const heard = unwrap(check(encodeTransaction(makeTransaction(network, proposal, [0, 1, 2], dissent))));
    expect([silent, heard]).toMatchObject([{ attestations: 3 }, { attestations: 4 }]);
  });

  it.each([
    ['fewer than a quorum', [0, 1]],
    ['one who speaks twice', [0, 1, 1]],
  ])('refuses %s', (_, agree) => {
    expect(check(encodeTransaction(makeTransaction(network, proposal, agree))).ok).toBe(false);
  });

  it.each(['agree', 'dissent'] as const)('refuses a bad signature of who says "%s", each time', (part) => {
    const good = makeTransaction(network, proposal, [0, 1, 2], dissent);
    const bytes = encodeTransaction({ ...good, [part]: good[part].map(withOtherSignature) });
    for (let times = 0; times < 2; times++)
      expect(check(bytes)).toMatchObject({ error: { code: 'E_SIGNATURE' } });
  });
});

/** An envelope like this one, with another signature. */
function withOtherSignature(envelope: Uint8Array): Uint8Array {
  const text = unwrap(fromUtf8(envelope));
  const changed = text.replace(
    /("sig":")(.)/,
    (_, head: string, first: string) => head + (first === 'A' ? 'B' : 'A'),
  );
  expect(changed).not.toBe(text);
  return utf8(changed);
}

function none(): undefined {
  return undefined;
}
