import { hash } from 'node:crypto';
import { concatBytes, equalBytes, fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { faultTolerance, quorum } from '@assay/core/log/quorum.ts';
import type { CheckedTransaction } from '../ledger.ts';
import { genesisState, type Context, type State } from '../state.ts';

/** What a network of fake authorities starts with. */
export const FAKE_GENESIS = { entries: [utf8('genesis'), utf8('state 0')], time: 1_000 } as const;

/** A moment after genesis, in milliseconds. */
export const FAKE_START = 2_000_000;

const ORIGIN = 'fake.example/log';

/** A context whose signatures are hashes: anyone could make them, nobody in a test does for another, and they cost little. */
export function fakeContext(me: number, count: number, delta = 100): Context {
  const keyOf = (role: number) => (_: unknown, index: number) => new Uint8Array(32).fill(role * 64 + index);
  const voteKeys = Array.from({ length: count }, keyOf(1));
  const cosignKeys = Array.from({ length: count }, keyOf(2));
  const signWith = (keys: readonly Uint8Array[]) => (message: Uint8Array) =>
    fakeSignature(keys[me] ?? new Uint8Array(32), message);
  return {
    me,
    count,
    faults: faultTolerance(count),
    quorum: quorum(count),
    epoch: 1,
    chain: '11'.repeat(32),
    setHash: '22'.repeat(32),
    origin: ORIGIN,
    voteKeys,
    cosignKeys,
    leaderOffset: 0,
    delta,
    verify: (key, message, signature) => equalBytes(signature, fakeSignature(key, message)),
    signVote: signWith(voteKeys),
    signCosignature: signWith(cosignKeys),
    check: checkFakeTransaction,
  };
}

/** The state of a fake authority at genesis. */
export function fakeState(context: Context): State {
  return genesisState(context, FAKE_GENESIS);
}

/** A transaction that fake authorities take for valid: a purl, a number of attestations, a difference. */
export function fakeTransaction(purl: string, { attestations = 3, nonce = 0 } = {}): Uint8Array {
  return utf8(`${purl} ${attestations} ${nonce}`);
}

const known = new Map<string, Result<CheckedTransaction>>();

function checkFakeTransaction(bytes: Uint8Array): Result<CheckedTransaction> {
  const text = fromUtf8(bytes);
  if (!text.ok) return text;
  const before = known.get(text.value);
  if (before !== undefined) return before;
  const [, purl, attestations] = /^(\S+) (\d+) (\d+)$/.exec(text.value) ?? [];
  const checked: Result<CheckedTransaction> =
    purl === undefined
      ? fail('E_CONSENSUS_MESSAGE', { reason: 'not a fake transaction' })
      : ok({
          bytes,
          hash: toHex(hash('sha256', bytes, 'buffer')),
          purl,
          attestations: Number(attestations),
          entry: utf8(`add ${text.value}`),
          evidence: utf8(`evidence ${text.value}`),
        });
  known.set(text.value, checked);
  return checked;
}

function fakeSignature(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha512', concatBytes(key, message), 'buffer'));
}
