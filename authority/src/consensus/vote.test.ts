import { describe, expect, it } from 'vitest';
import { toHex } from '@assay/core/encoding/hex.ts';
import { ZERO_HASH } from './block.ts';
import { Solo } from './testing/solo.ts';
import { ballotBytes, certificateOf, isCertificateValid, isVoteSigned, votesOf } from './vote.ts';

const one = new Solo();
const digest = 'ab'.repeat(32);

describe('a ballot', () => {
  it('has fixed bytes: domain, kind, network, epoch, view, digest', () => {
    const bytes = ballotBytes('11'.repeat(32), { kind: 'finalise', epoch: 1, view: 258, digest });
    expect(toHex(bytes)).toBe(
      `${toHex(new TextEncoder().encode('assay-vote/v1\0'))}03${'11'.repeat(32)}00000000000000010000000000000102${digest}`,
    );
  });

  it('differs in every part', () => {
    const base = { kind: 'notarise', epoch: 1, view: 1, digest } as const;
    const all = [
      ballotBytes('11'.repeat(32), base),
      ballotBytes('12'.repeat(32), base),
      ballotBytes('11'.repeat(32), { ...base, kind: 'finalise' }),
      ballotBytes('11'.repeat(32), { ...base, epoch: 2 }),
      ballotBytes('11'.repeat(32), { ...base, view: 2 }),
      ballotBytes('11'.repeat(32), { ...base, digest: ZERO_HASH }),
    ].map(toHex);
    expect(new Set(all)).toHaveLength(all.length);
  });
});

describe('a certificate', () => {
  const votes = [3, 0, 2].map((signer) => one.vote(signer, 'notarise', 1, digest));
  const certificate = certificateOf({ kind: 'notarise', epoch: 1, view: 1, digest }, votes);

  it('is its votes in the order of their signers', () => {
    expect(certificate.signers).toEqual([0, 2, 3]);
    expect(votesOf(certificate)).toEqual(votes.toSorted((a, b) => a.signer - b.signer));
    expect(votesOf(certificate).every((vote) => isVoteSigned(one.context, vote))).toBe(true);
  });

  it('spares signatures that are known, and no others', () => {
    const checked: number[] = [];
    const counting = {
      ...one.context,
      verify: (...args: Parameters<typeof one.context.verify>) => {
        checked.push(1);
        return one.context.verify(...args);
      },
    };
    expect(isCertificateValid(counting, certificate, (vote) => vote.signer !== 2)).toBe(true);
    expect(checked).toHaveLength(1);
  });

  it('is void with a signer that is not in the set', () => {
    expect(isCertificateValid(one.context, { ...certificate, signers: [0, 2, 9] })).toBe(false);
  });
});
