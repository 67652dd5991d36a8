import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { mutatedBytes } from '@assay/core/testing/mutated-bytes.fixture.ts';
import { headerDigest } from './block.ts';
import { decodeMessage, encodeMessage, type Message } from './messages.ts';
import { fakeTransaction } from './testing/fake-network.ts';
import { Solo } from './testing/solo.ts';
import { voteToCbor } from './vote.ts';

const one = new Solo();
const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0'), fakeTransaction('pkg:npm/b@1.0.0')]);
const digest = headerDigest(block.header);
const vote = one.vote(1, 'notarise', 1, digest);
const certificate = one.certificate('finalise', 1, digest);
const cosignature = one.cosignature(2, { size: 5, root: digest }, 2000);
const examples: Message[] = [
  { kind: 'proposal', block, vote },
  { kind: 'vote', vote: one.vote(3, 'nullify', 7) },
  { kind: 'certificate', certificate },
  { kind: 'tip', epoch: 1, height: 0, view: 1 },
  { kind: 'tip', epoch: 1, height: 3, view: 9, proof: certificate, cosignature },
  { kind: 'transaction', bytes: fakeTransaction('pkg:npm/a@1.0.0') },
  { kind: 'cosignature', cosignature },
  {
    kind: 'evidence',
    evidence: { kind: 'votes', first: vote, second: { ...vote, digest: 'ab'.repeat(32) } },
  },
  { kind: 'evidence', evidence: { kind: 'cosignatures', first: cosignature, second: cosignature } },
  { kind: 'fetch-block', digest },
  { kind: 'block', block },
  { kind: 'fetch-certificates', from: 3, to: 66 },
  { kind: 'fetch-final', from: 1 },
  { kind: 'final', blocks: [block], path: [block.header], proof: certificate },
];

describe('consensus messages', () => {
  it.each(examples.map((message) => [message.kind, message] as const))(
    '%s comes back as it was sent',
    (_, message) => {
      expect(unwrap(decodeMessage(encodeMessage(message)))).toEqual(message);
    },
  );

  it('decoding is total, and nothing mutated is read as something it does not encode to', () => {
    const mutated = mutatedBytes(fc.constantFrom(...examples.map(encodeMessage)));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const read = decodeMessage(bytes);
        if (read.ok) expect(encodeMessage(read.value)).toEqual(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('a body that is not the one its head names is refused', () => {
    const wrong = { ...block, transactions: block.transactions.slice(1) };
    expect(decodeMessage(encodeMessage({ kind: 'block', block: wrong }))).toMatchObject({
      error: { code: 'E_CONSENSUS_BLOCK' },
    });
  });

  it('a vote whose kind and digest do not fit is refused', () => {
    for (const wrong of [one.vote(1, 'notarise', 1), one.vote(1, 'nullify', 1, digest)]) {
      expect(decodeMessage(encodeCbor({ kind: 'vote', vote: voteToCbor(wrong) })).ok).toBe(false);
    }
  });

  it('a bitmap that does not fit the signatures is refused', () => {
    for (const signers of [[0, 1], [0, 1, 2, 3], []]) {
      expect(
        decodeMessage(encodeMessage({ kind: 'certificate', certificate: { ...certificate, signers } })).ok,
      ).toBe(false);
    }
  });

  it('a body beyond the limit and a range of too many views are refused', () => {
    const transactions = Array.from({ length: 5 }, (_, fill) => new Uint8Array(250 * 1024).fill(fill));
    expect(decodeMessage(encodeMessage({ kind: 'block', block: { ...block, transactions } })).ok).toBe(false);
    expect(decodeMessage(encodeMessage({ kind: 'fetch-certificates', from: 3, to: 67 })).ok).toBe(false);
    expect(decodeMessage(encodeMessage({ kind: 'fetch-certificates', from: 3, to: 2 })).ok).toBe(false);
  });
});
