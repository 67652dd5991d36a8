import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { makeAuthoritySet, type AuthoritySet } from '@assay/core/records/authority-set.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import type { AuthorityIdentity, NetworkTrust } from '@assay/core/records/types.ts';
import { Epochs, type EpochsOptions } from './epochs.ts';
import { eraOf, Eras } from './era.ts';
import { KeyRing } from './key-ring.ts';
import { createKeys } from './keys.ts';

const network = makeNetwork(3);
const others = network.trust.current.authorities;
let folder: string;
let ring: KeyRing;
let trust: NetworkTrust;
let eras: Eras;
let tell: (set: AuthoritySet, trust: NetworkTrust) => void;
let epochs: Epochs;
let entered: number;
const log: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-epochs-'));
  await createKeys(folder, 'zara');
  ring = await KeyRing.open(folder);
  entered = 0;
  const first = setOf(1, ring.identity);
  trust = { ...network.trust, sets: [first], current: first };
  eras = new Eras(eraOf(trust, ring));
  const consensus = {
    trust,
    status: () => ({ size: 0 }),
    logStore: new MemoryLogStore(),
    onFinal: () => () => undefined,
    onEpoch: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as EpochsOptions['consensus'];
  const note = (message: string): void => void log.push(message);
  const logger = { info: note, warn: note, error: note };
  epochs = new Epochs({ ring, eras, consensus, logger, addresses: new Map(), onEpoch: () => entered++ });
  await epochs.start();
});
afterEach(() => rmSync(folder, { recursive: true }));

function setOf(epoch: number, own?: AuthorityIdentity): AuthoritySet {
  const authorities = own === undefined ? others : [...others, own];
  return makeAuthoritySet('assay.test/log', {
    epoch,
    authorities,
    limits: network.trust.current.limits,
    since: epoch,
  });
}

/** The trust after the hand-off to `set`. */
const after = (set: AuthoritySet): NetworkTrust => ({ ...trust, sets: [...trust.sets, set], current: set });
const stored = (): string => readFileSync(join(folder, 'keys.json'), 'utf8');

it('keeps the keys of an epoch until the hand-off to the next is final, then erases them', async () => {
  const old = ring.seeds.vote;
  const fresh = await ring.freshPair(2);
  const own = {
    ...ring.identity,
    voteKey: publicKeyFromSeed(fresh.vote),
    cosignKey: publicKeyFromSeed(fresh.cosign),
  };
  const next = setOf(2, own);
  tell(next, trust);
  await epochs.stop();
  expect([eras.current.trust.current.epoch, entered]).toEqual([1, 1]);
  expect(stored()).toContain(toHex(old));

  tell(next, after(next));
  await epochs.stop();
  expect([eras.current.trust.current.epoch, eras.current.me, entered]).toEqual([2, 3, 2]);
  expect(stored()).not.toContain(toHex(old));
  expect(stored()).toContain(toHex(fresh.vote));
});

it('says that it is not in the set any more, and takes keys that never signed', async () => {
  const old = ring.identity;
  tell(setOf(2), after(setOf(2)));
  await epochs.stop();
  expect(eras.current.me).toBeUndefined();
  expect(log.join('\n')).toContain('not an authority any more');
  expect(ring.voteSeed(old.voteKey)).toBeUndefined();
  expect(ring.identity.voteKey).not.toEqual(old.voteKey);
});
