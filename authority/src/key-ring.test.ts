import { mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetSigningKey, signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { AuthorityIdentity } from '@assay/core/records/types.ts';
import { KeyRing } from './key-ring.ts';
import { createKeys, type SigningPair } from './keys.ts';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-keys-'));
  await createKeys(folder, 'ayla');
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (): string => join(folder, 'keys.json');
const stored = (): string => readFileSync(path(), 'utf8');
const never = (): boolean => false;

/** What a set knows this authority by when `pair` is in force. */
const withPair = (ring: KeyRing, { vote, cosign }: SigningPair): AuthorityIdentity => ({
  ...ring.identity,
  voteKey: publicKeyFromSeed(vote),
  cosignKey: publicKeyFromSeed(cosign),
});

it('has a pair on disk, for its owner only, before it is offered, and offers the same one ever after', async () => {
  const ring = await KeyRing.open(folder);
  const [one, same] = await Promise.all([ring.freshPair(2), ring.freshPair(2)]);
  expect(same).toEqual(one);
  expect(stored()).toContain(toHex(one.vote));
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  const again = await KeyRing.open(folder);
  expect(await again.freshPair(2)).toEqual(one);
  expect((await again.freshPair(3)).vote).not.toEqual(one.vote);
});

it('finds the seed behind a public key, in force or offered, and none behind others', async () => {
  const ring = await KeyRing.open(folder);
  const fresh = await ring.freshPair(2);
  const { voteKey, cosignKey, logKey, buildKey } = ring.identity;
  expect(publicKeyFromSeed(ring.voteSeed(voteKey) ?? new Uint8Array(32))).toEqual(voteKey);
  expect(publicKeyFromSeed(ring.cosignSeed(cosignKey) ?? new Uint8Array(32))).toEqual(cosignKey);
  expect(publicKeyFromSeed(ring.logSeed(logKey) ?? new Uint8Array(32))).toEqual(logKey);
  expect(ring.voteSeed(publicKeyFromSeed(fresh.vote))).toEqual(fresh.vote);
  expect(ring.voteSeed(cosignKey)).toBeUndefined();
  expect(ring.voteSeed(buildKey)).toBeUndefined();
});

it('erases the old pair once the new one is in force, also from where the file was', async () => {
  const ring = await KeyRing.open(folder);
  const old = ring.seeds.vote;
  const fresh = await ring.freshPair(2);
  const before = openSync(path(), 'r');
  const length = statSync(path()).size;
  await ring.settle(2, withPair(ring, fresh), never);
  expect(stored()).not.toContain(toHex(old));
  expect(ring.seeds.vote).toEqual(fresh.vote);
  expect(ring.voteSeed(publicKeyFromSeed(old))).toBeUndefined();
  const left = Buffer.alloc(length, 1);
  readSync(before, left, 0, length, 0);
  expect(left.every((byte) => byte === 0)).toBe(true);
  expect((await KeyRing.open(folder)).identity).toEqual(ring.identity);
});

it('leaves nothing ready in memory to sign with a key that was erased, and what it still needs alone', async () => {
  const ring = await KeyRing.open(folder);
  const { vote, cosign, log, build } = ring.seeds;
  const fresh = await ring.freshPair(2);
  for (const seed of [vote, cosign, log, build, fresh.vote]) signEd25519Node(new Uint8Array(1), seed);
  await ring.settle(2, withPair(ring, fresh), never);
  expect([vote, cosign].map(forgetSigningKey)).toEqual([false, false]);
  expect([log, fresh.vote].map(forgetSigningKey)).toEqual([true, true]);
  signEd25519Node(new Uint8Array(1), log);
  await ring.renew();
  expect([log, build].map(forgetSigningKey)).toEqual([false, false]);
});

it('keeps its pair when the next epoch does, and forgets what it had offered', async () => {
  const ring = await KeyRing.open(folder);
  const { identity } = ring;
  const fresh = await ring.freshPair(2);
  const later = await ring.freshPair(3);
  await ring.settle(2, identity, never);
  expect(ring.identity).toEqual(identity);
  expect(stored()).not.toContain(toHex(fresh.vote));
  expect(await ring.freshPair(3)).toEqual(later);
});

it('takes a pair that never signed when it is not in the set any more, and keeps it until it comes back', async () => {
  const ring = await KeyRing.open(folder);
  const { identity } = ring;
  const hasSigned = (key: Uint8Array): boolean => toHex(key) === toHex(identity.voteKey);
  await ring.settle(2, undefined, never);
  expect(ring.identity).toEqual(identity);
  await ring.settle(2, undefined, hasSigned);
  expect(ring.voteSeed(identity.voteKey)).toBeUndefined();
  expect(ring.identity.buildKey).toEqual(identity.buildKey);
  const renewed = ring.identity;
  await ring.settle(3, undefined, hasSigned);
  expect(ring.identity).toEqual(renewed);
});

it('renews all that signs when it may have forgotten what it signed', async () => {
  const ring = await KeyRing.open(folder);
  const before = ring.identity;
  const { voteKey, peerKey } = before;
  await ring.freshPair(2);
  await ring.renew();
  expect(ring.pairs).toHaveLength(1);
  expect(ring.voteSeed(voteKey)).toBeUndefined();
  expect(ring.identity.peerKey).toEqual(peerKey);
  for (const job of ['cosignKey', 'logKey', 'buildKey'] as const) {
    expect(ring.identity[job]).not.toEqual(before[job]);
  }
});
