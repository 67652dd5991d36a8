import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { fromUtf8, u32be, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { formatNote } from './note.ts';
import {
  body,
  cosignatureLine,
  logLine,
  origin,
  policyOfAuthorities,
  signedBy,
  verify,
} from './policy.fixture.ts';
import { toTlogPolicy, verifyCheckpoint, type LogPolicy } from './policy.ts';
import { c2spLog, hash, policyOf, readBytes, readLogVectors } from './vectors.fixture.ts';

const four = policyOfAuthorities(4);
const refusedWith = (code: string) => ({ ok: false, error: { code } });
/** Not a point on the curve; found by counting until two key IDs were the same. */
const numbered = (n: number) => Uint8Array.of(...u32be(n), ...new Uint8Array(28));
const edit = (bytes: Uint8Array, from: string | RegExp, to: string) =>
  utf8(unwrap(fromUtf8(bytes)).replace(from, to));

describe.skipIf(!c2spLog)('checkpoints of an independent log (skipped without vectors)', () => {
  const logs: [string, number][] = [
    ['.', 70_000],
    ['log1000', 1000],
  ];

  it.each(logs)(
    '%s: seven of seven known signers, and eight are too many to ask for',
    async (folder, size) => {
      const vectors = readLogVectors(join(c2spLog ?? '', folder));
      const note = readBytes(c2spLog ?? '', folder, 'checkpoint');
      const checkpoint = unwrap(await verifyCheckpoint(note, policyOf(vectors, 7), verify));
      expect(checkpoint).toMatchObject({ origin: vectors.origin, size, extensions: [], bytes: note });
      expect(checkpoint.cosigners).toHaveLength(7);
      expect(checkpoint.root).toEqual(hash(vectors.consistency.findLast((c) => c.ok)?.root2 ?? ''));
      expect((await verifyCheckpoint(note, policyOf(vectors, 8), verify)).ok).toBe(false);
    },
  );

  it.each(logs)(
    '%s: an edited size, an edited root and an unknown origin are refused',
    async (folder, size) => {
      const policy = policyOf(readLogVectors(join(c2spLog ?? '', folder)), 5);
      const note = readBytes(c2spLog ?? '', folder, 'checkpoint');
      const check = (bytes: Uint8Array) => verifyCheckpoint(bytes, policy, verify);
      expect((await check(note)).ok).toBe(true);
      expect(await check(edit(note, `\n${size}\n`, `\n${size + 1}\n`))).toMatchObject(
        refusedWith('E_NOTE_SIGNATURE'),
      );
      expect(await check(edit(note, /\n[E2]/, '\nA'))).toMatchObject(refusedWith('E_NOTE_SIGNATURE'));
      expect(await check(edit(note, policy.origin, 'other.example/log'))).toMatchObject(
        refusedWith('E_CHECKPOINT_ORIGIN'),
      );
    },
  );
});

describe('verifyCheckpoint', () => {
  it('names who signed, in the order of the policy, and is fresh as of the second newest time of four', async () => {
    const checkpoint = unwrap(await verifyCheckpoint(signedBy({ 3: 900, 0: 100, 2: 300 }), four, verify));
    expect(checkpoint.cosigners).toEqual([
      { name: `${origin}/0`, time: 100 },
      { name: `${origin}/2`, time: 300 },
      { name: `${origin}/3`, time: 900 },
    ]);
    expect(checkpoint.freshAsOf).toBe(300);
    expect(checkpoint.body).toBe(body);
  });

  it('does not let f authorities with fast clocks make a checkpoint fresh', async () => {
    const note = signedBy({ 0: 100, 1: 101, 2: 102, 3: 9e9, 4: 9e9 });
    expect(unwrap(await verifyCheckpoint(note, policyOfAuthorities(7), verify)).freshAsOf).toBe(102);
  });

  it('refuses one cosigner too few', async () => {
    expect(await verifyCheckpoint(signedBy({ 0: 1, 1: 1 }), four, verify)).toMatchObject({
      ok: false,
      error: { code: 'E_QUORUM', fields: { have: 2, need: 3 } },
    });
  });

  it('counts a cosigner once, however often it signs, with its newest time', async () => {
    const again = cosignatureLine(0, 50);
    expect(await verifyCheckpoint(signedBy({ 0: 1, 1: 1 }, again, again), four, verify)).toMatchObject(
      refusedWith('E_QUORUM'),
    );
    const enough = unwrap(await verifyCheckpoint(signedBy({ 0: 1, 1: 1, 2: 1 }, again), four, verify));
    expect(enough.cosigners[0]).toEqual({ name: `${origin}/0`, time: 50 });
  });

  it('ignores lines of keys it does not know, even under a known name', async () => {
    const unknownId = { ...cosignatureLine(1, 1), keyId: new Uint8Array(4) };
    const unknownName = { ...cosignatureLine(1, 1), name: 'witness.example' };
    expect(
      (await verifyCheckpoint(signedBy({ 0: 1, 1: 1, 2: 1 }, unknownId, unknownName), four, verify)).ok,
    ).toBe(true);
    expect(
      await verifyCheckpoint(signedBy({ 0: 1, 2: 1 }, unknownId, unknownName), four, verify),
    ).toMatchObject(refusedWith('E_QUORUM'));
  });

  it('refuses the whole note for one bad line of a known key, quorum or not', async () => {
    const forged = { ...cosignatureLine(3, 1), signature: cosignatureLine(3, 2).signature.fill(1, 70) };
    const malformed = { ...cosignatureLine(3, 1), signature: new Uint8Array(64) };
    const elsewhere = logLine(1, body.replace('5', '6'));
    const enough = { 0: 1, 1: 1, 2: 1 };
    expect(await verifyCheckpoint(signedBy(enough, forged), four, verify)).toMatchObject(
      refusedWith('E_NOTE_SIGNATURE'),
    );
    expect(await verifyCheckpoint(signedBy(enough, malformed), four, verify)).toMatchObject(
      refusedWith('E_COSIGNATURE'),
    );
    expect(await verifyCheckpoint(signedBy(enough, elsewhere), four, verify)).toMatchObject(
      refusedWith('E_NOTE_SIGNATURE'),
    );
  });

  it('needs the signature of the log where the policy names log keys, and only there', async () => {
    const unsigned = formatNote(
      body,
      [0, 1, 2].map((i) => cosignatureLine(i, 1)),
    );
    expect(await verifyCheckpoint(unsigned, four, verify)).toMatchObject(refusedWith('E_LOG_SIGNATURE'));
    expect((await verifyCheckpoint(unsigned, { ...four, logKeys: [] }, verify)).ok).toBe(true);
  });

  it('does not take a cosignature for a log signature or a log signature for a cosignature', async () => {
    const [cosigner] = four.cosigners;
    const [logKey] = four.logKeys;
    const swapped = {
      ...four,
      logKeys: [],
      cosigners: [cosigner, logKey].flatMap((key) => key ?? []),
      quorum: 2,
    };
    expect(await verifyCheckpoint(signedBy({ 0: 1 }), swapped, verify)).toMatchObject(
      refusedWith('E_QUORUM'),
    );
  });

  it('refuses every note with one changed byte in it, and never throws', async () => {
    const note = signedBy({ 0: 1, 1: 2, 2: 3 });
    const exact = { ...policyOfAuthorities(4), quorum: 3 };
    await fc.assert(
      fc.asyncProperty(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = note.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect((await verifyCheckpoint(bytes, exact, verify)).ok).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a policy', () => {
  const [first, second, third] = four.cosigners;
  const [logKey] = four.logKeys;
  const bad: [string, Partial<LogPolicy>][] = [
    ['a quorum beyond its cosigners', { quorum: 5 }],
    ['a quorum that one faulty cosigner makes up', { quorum: 1 }],
    ['a quorum that is no whole number', { quorum: 2.5 }],
    ['one name for two keys', { cosigners: four.cosigners.map((key) => ({ ...key, name: `${origin}/0` })) }],
    [
      'log keys whose IDs collide',
      { logKeys: [62_851, 107_984].map((n) => ({ name: origin, publicKey: numbered(n) })) },
    ],
    ['a cosigner twice', { cosigners: [first, second, third, first].flatMap((key) => key ?? []) }],
    [
      'one key under two names',
      {
        cosigners: [first, second, third]
          .flatMap((key) => key ?? [])
          .map((key) => ({ ...key, publicKey: first?.publicKey ?? key.publicKey })),
      },
    ],
    [
      'a key of another length',
      { cosigners: four.cosigners.map((key) => ({ ...key, publicKey: key.publicKey.subarray(1) })) },
    ],
    ['a name with a space', { cosigners: four.cosigners.map((key) => ({ ...key, name: `${key.name} x` })) }],
    [
      'a log key under another name',
      { logKeys: [logKey].flatMap((key) => (key ? [{ ...key, name: 'x' }] : [])) },
    ],
    ['no cosigners and no quorum', { cosigners: [], quorum: 0 }],
  ];

  it.each(bad)('is refused with %s', async (_, change) => {
    const policy = { ...four, ...change };
    expect(await verifyCheckpoint(signedBy({ 0: 1, 1: 1, 2: 1, 3: 1 }), policy, verify)).toMatchObject(
      refusedWith('E_LOG_POLICY'),
    );
    expect(() => toTlogPolicy(policy)).toThrow(expect.objectContaining({ code: 'E_LOG_POLICY' }));
  });

  it.skipIf(!c2spLog)('is exported as a tlog-policy file (skipped without vectors)', () => {
    const vectors = readLogVectors(c2spLog ?? '');
    expect(toTlogPolicy(policyOf(vectors, 5))).toBe(
      [
        `log ${vectors.logVkey}`,
        ...vectors.cosignerVkeys.map((vkey) => `witness ${vkey.split('+')[0]} ${vkey}`),
        `group +authorities 5 ${vectors.cosignerVkeys.map((vkey) => vkey.split('+')[0]).join(' ')}`,
        'quorum +authorities',
        '',
      ].join('\n'),
    );
  });
});

it('the fixture signs under the one ed25519 rule', () => {
  const line = logLine(0);
  expect(verifyEd25519(four.logKeys[0]?.publicKey ?? new Uint8Array(), utf8(body), line.signature)).toBe(
    true,
  );
});
