import { hash } from 'node:crypto';
import { concatBytes, equalBytes, fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { CompactRange, leafHash } from '@assay/core/log/merkle.ts';
import { makeAuthoritySet } from '@assay/core/records/authority-set.ts';
import { bitmapOf } from '@assay/core/records/bitmap.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkTrust } from '@assay/core/records/types.ts';
import type { CheckedTransaction } from '../checked-transaction.ts';
import { contextOf, firstEra, type Context, type Era, type Network } from '../era.ts';
import { genesisState, type State } from '../state.ts';
import { createTransactionChecker } from '../transaction-checker.ts';

/** How fake authorities sign: with whatever costs little. */
export interface FakeSignatures {
  sign(key: Uint8Array, message: Uint8Array): Uint8Array;
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What a network of fake authorities starts with. */
export const FAKE_GENESIS = { entries: [utf8('genesis'), utf8('state 0')], time: 1_000 } as const;

/** A moment after genesis, in milliseconds. */
export const FAKE_START = 2_000_000;

const ORIGIN = 'fake.example/log';
const ROLES = ['vote', 'cosign', 'log', 'build', 'peer'] as const;

/** The name of a fake authority. */
export function fakeName(index: number): string {
  return `a${index}`;
}

/** A key of a fake authority: 32 bytes that say whose it is and what for. Each generation of a name has others. */
export function fakeKey(name: string, role: (typeof ROLES)[number], generation = 1): Uint8Array {
  const key = new Uint8Array(32);
  key.set(utf8(`${name}/${role}/${generation}/`));
  return key;
}

/** Who a fake authority is. */
export function fakeIdentity(name: string, generation = 1): AuthorityIdentity {
  const [voteKey, cosignKey, logKey, buildKey, peerKey] = ROLES.map((role) =>
    fakeKey(name, role, generation),
  );
  return { name, voteKey, cosignKey, logKey, buildKey, peerKey } as AuthorityIdentity;
}

/** What fake authorities know of their network at first. */
export function fakeTrust(count: number): NetworkTrust {
  const authorities = Array.from({ length: count }, (_, index) => fakeIdentity(fakeName(index)));
  const limits = { maxArtifactBytes: 1024 };
  const genesis: GenesisRecord = {
    kind: 'genesis',
    v: 1,
    origin: ORIGIN,
    epoch: 1,
    created: FAKE_GENESIS.time,
    authorities,
    limits,
  };
  const set = makeAuthoritySet(ORIGIN, { epoch: 1, authorities, limits, since: 0 });
  const [genesisBytes] = FAKE_GENESIS.entries;
  return {
    networkId: new Uint8Array(32).fill(0x11),
    genesisBytes,
    genesis,
    sets: [set],
    current: set,
    links: [],
  };
}

/** A network as one of its authorities, or one that wants to be, sees it. Its signatures are hashes: anyone could make them, nobody in a test does for another, and they cost little. */
export function fakeNetwork(
  name: string,
  count: number,
  delta = 100,
  signatures: FakeSignatures = HASHES,
): Network {
  const trust = trustOf(count);
  return {
    chain: toHex(trust.networkId),
    origin: ORIGIN,
    trust,
    name,
    leaderOffset: 0,
    delta,
    verify: signatures.verify,
    holdsVoteKey: (key) => isKeyOf(name, key),
    signVote: signatures.sign,
    signCosignature: (key, message) => (isKeyOf(name, key) ? signatures.sign(key, message) : undefined),
    checkTransaction: checkerOf(trust, count, signatures),
  };
}

/** The same with the first epoch, in which authority `me` of `count` votes. */
export function fakeContext(
  me: number,
  count: number,
  delta = 100,
  signatures: FakeSignatures = HASHES,
): Context {
  const network = fakeNetwork(fakeName(me), count, delta, signatures);
  return contextOf(network, firstEra(network, network.trust.sets[0]));
}

/** The state of a fake authority at genesis. */
export function fakeState(network: Network): State {
  return genesisState(network, FAKE_GENESIS);
}

/** A transaction that fake authorities take for valid: a purl, a number of attestations, a difference. */
export function fakeTransaction(purl: string, { attestations = 3, nonce = 0 } = {}): Uint8Array {
  return utf8(`${purl} ${attestations} ${nonce}`);
}

/** What fake keys sign with: whoever knows a key can. */
export function fakeSignature(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha512', concatBytes(key, message), 'buffer'));
}

const HASHES: FakeSignatures = {
  sign: fakeSignature,
  verify: (key, message, signature) => equalBytes(signature, fakeSignature(key, message)),
};

function isKeyOf(name: string, key: Uint8Array): boolean {
  const start = utf8(`${name}/`);
  return equalBytes(key.subarray(0, start.length), start);
}

const trusts = new Map<number, NetworkTrust>();

function trustOf(count: number): NetworkTrust {
  const trust = trusts.get(count) ?? fakeTrust(count);
  trusts.set(count, trust);
  return trust;
}

const checkers = new Map<FakeSignatures, Map<number, Network['checkTransaction']>>();
const known = new Map<string, Result<CheckedTransaction>>();
/** The last verdict about the very same bytes: in one process they are passed on as they are. */
const recent = new WeakMap<
  Uint8Array,
  { readonly epoch: number; readonly count: number; readonly checked: Result<CheckedTransaction> }
>();

/** Additions are texts, all other transactions are real ones with fake signatures. */
function checkerOf(
  trust: NetworkTrust,
  count: number,
  signatures: FakeSignatures,
): Network['checkTransaction'] {
  const alike = checkers.get(signatures) ?? new Map<number, Network['checkTransaction']>();
  checkers.set(signatures, alike);
  const made = alike.get(count);
  if (made !== undefined) return made;
  const range = CompactRange.of();
  for (const entry of FAKE_GENESIS.entries) range.append(leafHash(entry));
  const genesis = { size: range.size, root: toHex(range.root()) };
  const checkOther = createTransactionChecker({ trust, genesis, verify: signatures.verify });
  const check: Network['checkTransaction'] = (bytes, era) => {
    const seen = recent.get(bytes);
    if (seen?.epoch === era.epoch && seen.count === era.count) return seen.checked;
    const text = fromUtf8(bytes);
    if (!text.ok) return checkOther(bytes, era);
    if (!text.value.startsWith('pkg:')) return checkOther(bytes, era);
    const key = `${era.epoch} ${era.count} ${text.value}`;
    const checked = known.get(key) ?? checkAddition(text.value, bytes, era);
    known.set(key, checked);
    recent.set(bytes, { epoch: era.epoch, count: era.count, checked });
    return checked;
  };
  alike.set(count, check);
  return check;
}

function checkAddition(text: string, bytes: Uint8Array, era: Era): Result<CheckedTransaction> {
  const [, purl, attestations] = /^(\S+) (\d+) (\d+)$/.exec(text) ?? [];
  if (purl === undefined) return fail('E_CONSENSUS_MESSAGE', { reason: 'not a fake transaction' });
  const builders = bitmapOf(
    Array.from({ length: era.quorum }, (_, index) => index),
    era.count,
  );
  return ok({
    kind: 'artifact-add',
    bytes,
    hash: toHex(hash('sha256', bytes, 'buffer')),
    purl,
    attestations: Number(attestations),
    records: [
      {
        kind: 'artifact-add',
        v: 1,
        epoch: era.epoch,
        purl,
        artifacts: [],
        about: {},
        provenance: {
          method: 'mirrored',
          source: { registry: 'npm', integrity: '' },
          builders,
          evidence: new Uint8Array(32),
        },
      },
    ],
    entries: [utf8(`add ${text}`)],
    evidence: [utf8(`evidence ${text}`)],
  });
}
