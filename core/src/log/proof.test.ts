import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { signedBy, verify } from './policy.fixture.ts';
import { verifyCheckpoint } from './policy.ts';
import { formatTlogProof, MAX_PROOF_EXTRA_BYTES, MAX_PROOF_HASHES, parseTlogProof } from './proof.ts';
import { c2spLog, policyOf, readBytes, readLogVectors } from './vectors.fixture.ts';

const hash = leafHash(utf8('x'));
const checkpoint = signedBy({ 0: 1 });

describe.skipIf(!c2spLog)('a proof file of an independent log (skipped without vectors)', () => {
  const samples: [string, number, string][] = [
    ['.', 23_333, 'entry 23333 of tlogpeer\n'],
    ['log1000', 333, 'entry 333 of small\n'],
  ];

  it.each(samples)('%s: shows entry %i offline, and no other', async (folder, index, leaf) => {
    const bytes = readBytes(c2spLog ?? '', folder, 'sample.tlog-proof');
    const proof = unwrap(parseTlogProof(bytes));
    const policy = policyOf(readLogVectors(join(c2spLog ?? '', folder)), 7);
    const { size, root } = unwrap(await verifyCheckpoint(proof.checkpoint, policy, verify));
    expect(proof.index).toBe(index);
    expect(proof.checkpoint).toEqual(readBytes(c2spLog ?? '', folder, 'checkpoint'));
    expect(verifyInclusion(leafHash(utf8(leaf)), index, size, proof.proof, root).ok).toBe(true);
    expect(verifyInclusion(leafHash(utf8(`${leaf}x`)), index, size, proof.proof, root).ok).toBe(false);
    expect(verifyInclusion(leafHash(utf8(leaf)), index + 1, size, proof.proof, root).ok).toBe(false);
    expect(formatTlogProof(proof)).toEqual(bytes);
  });
});

describe('proof files', () => {
  it('give back what was put in', () => {
    const hash32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const extra = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(hash32, { maxLength: MAX_PROOF_HASHES }),
        extra,
        (index, proof, data) => {
          const whole = { index, proof, checkpoint, ...(data === undefined ? {} : { extra: data }) };
          expect(unwrap(parseTlogProof(formatTlogProof(whole)))).toEqual(whole);
        },
      ),
    );
  });

  it('hold an entry as extra data, and no more than that', () => {
    const extra = new Uint8Array(MAX_PROOF_EXTRA_BYTES);
    const proof = Array.from({ length: MAX_PROOF_HASHES }, () => hash);
    expect(parseTlogProof(formatTlogProof({ index: 0, proof, checkpoint, extra })).ok).toBe(true);
    const more = { index: 0, proof, checkpoint, extra: new Uint8Array(MAX_PROOF_EXTRA_BYTES + 1) };
    expect(() => formatTlogProof(more)).toThrow(expect.objectContaining({ code: 'E_TLOG_PROOF' }));
  });

  const good = unwrap(fromUtf8(formatTlogProof({ index: 7, proof: [hash], checkpoint, extra: hash })));

  it.each([
    ['nothing', ''],
    ['another version', good.replace('@v1', '@v2')],
    ['no checkpoint', good.slice(0, good.indexOf('\n\n'))],
    ['no index', good.replace(/index 7\n/, '')],
    ['a leading zero', good.replace('index 7', 'index 07')],
    ['an index beyond exact numbers', good.replace('index 7', 'index 9007199254740992')],
    ['extra data behind the index', good.replace(/(extra .*\n)(index .*\n)/, '$2$1')],
    ['extra data twice', good.replace(/(extra .*\n)/, '$1$1')],
    ['extra data that is not base64', good.replace(/extra ./, 'extra .')],
    ['a hash that is cut', good.replace(/(index 7\n)..../, '$1')],
    ['a carriage return', good.replace('index 7', 'index 7\r')],
    [
      'too many hashes',
      good.replace('index 7\n', `index 7\n${`${'A'.repeat(43)}=\n`.repeat(MAX_PROOF_HASHES)}`),
    ],
    ['more than a note behind the blank line', `${good}${'x'.repeat(65_536)}`],
  ])('are refused with %s', (_, text) => {
    expect(parseTlogProof(utf8(good)).ok).toBe(true);
    expect(parseTlogProof(utf8(text))).toMatchObject({ ok: false, error: { code: 'E_TLOG_PROOF' } });
  });

  it('are refused unread when longer than any proof file', () => {
    expect(parseTlogProof(new Uint8Array(300_000))).toMatchObject({
      ok: false,
      error: { fields: { reason: 'too long' } },
    });
  });

  it('are never thrown at, and what is accepted is written back byte for byte', () => {
    const bytes = utf8(good);
    const mutated = fc
      .tuple(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 3 }), fc.nat(3))
      .map(([at, insert, remove]) =>
        Uint8Array.of(...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + remove)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (candidate) => {
        const proof = parseTlogProof(candidate);
        if (proof.ok) expect(formatTlogProof(proof.value)).toEqual(candidate);
      }),
      { numRuns: 1000 },
    );
  });
});
