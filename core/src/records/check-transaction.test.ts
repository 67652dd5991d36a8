import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519Node } from '../crypto/ed25519-node.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { fail, ok, unwrap, type Result } from '../errors/result.ts';
import { TestLog } from '../node/test-log.fixture.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import {
  checkTransaction,
  type JudgeOffence,
  type ProvenOffence,
  type TransactionPorts,
} from './check-transaction.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { epochContext } from './epoch-context.ts';
import { makeNetwork, makeProposal, makeTransaction } from './network.fixture.ts';
import {
  decodeTransaction,
  encodeTransaction,
  type EquivocationTransaction,
  type HandoffTransaction,
  type Transaction,
} from './transaction.ts';
import type { EpochHandoffRecord, NetworkTrust } from './types.ts';

const network = makeNetwork();
const proven: ProvenOffence = { epoch: 1, name: 'borneo', offence: 'two-finalise' };
const report: EquivocationTransaction = {
  v: 1,
  kind: 'equivocation',
  epoch: 3,
  name: 'borneo',
  offence: 'two-finalise',
  evidence: utf8('two votes'),
};

let log: TestLog;
let handoff: HandoffTransaction;

beforeAll(async () => {
  log = await TestLog.create(network);
  const link = await log.changeAuthorities({ add: ['etna'] });
  handoff = { v: 1, kind: 'epoch-handoff', record: link.handoff };
  await log.changeAuthorities({ add: ['ayla'] });
});

function check(
  transaction: Transaction,
  {
    trust = log.trust,
    epoch = trust.current.epoch,
    judgeOffence = showing(proven),
  }: { trust?: NetworkTrust; epoch?: number; judgeOffence?: JudgeOffence } = {},
) {
  const ports: TransactionPorts = { verify: verifyEd25519Node, judgeOffence };
  return checkTransaction(transaction, unwrap(epochContext(trust, epoch)), ports);
}

function showing(offence: ProvenOffence): JudgeOffence {
  return () => ok(offence);
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

describe('the context of an epoch', () => {
  it('names the tree the epoch began with: that of genesis, or the one its hand-off names', () => {
    const [one, two] = [1, 2].map((epoch) => unwrap(epochContext(log.trust, epoch)));
    expect(one?.start.size).toBe(2);
    expect(two?.start.size).toBe(two?.set.since);
    expect(codeOf(epochContext(log.trust, 4))).toBe('E_EPOCH_UNKNOWN');
    expect(codeOf(epochContext(log.trust, 0))).toBe('E_EPOCH_UNKNOWN');
  });
});

describe('an addition', () => {
  it('counts in the epoch whose authorities attest to it, and in no other', () => {
    const proposal = makeProposal('pkg:npm/a@1.0.0', utf8('a'));
    const late = makeTransaction(network, proposal, [0, 1, 2, 3], [], log.trust);
    expect(unwrap(check(late)).records).toMatchObject([{ epoch: 3 }]);
    expect(check(late, { epoch: 2 }).ok).toBe(false);
    const early = makeTransaction(network, proposal, [0, 1, 2]);
    expect(check(early).ok).toBe(false);
    expect(check(early, { epoch: 1 }).ok).toBe(true);
  });
});

describe('the report of an equivocation', () => {
  it('becomes a record that names its evidence', () => {
    const { records } = unwrap(check(report));
    expect(records).toEqual([
      {
        kind: 'equivocation',
        v: 1,
        epoch: 3,
        name: 'borneo',
        offence: 'two-finalise',
        evidence: sha256(report.evidence),
      },
    ]);
  });

  it.each<[string, Partial<EquivocationTransaction>, Partial<ProvenOffence>]>([
    ['that is made for another epoch', { epoch: 2 }, {}],
    ['that shows another offence', {}, { offence: 'two-notarise' }],
    ['that shows somebody else', {}, { name: 'cassini' }],
    ['of an epoch that has not been', {}, { epoch: 4 }],
    ['of somebody who was not a member', { name: 'etna' }, { name: 'etna' }],
    ['of a member that joined anew since', { name: 'ayla' }, { name: 'ayla' }],
    ['of nobody', { name: 'zagros' }, { name: 'zagros' }],
  ])('%s is refused', (_, changes, shown) => {
    const judgeOffence = showing({ ...proven, ...shown });
    expect(codeOf(check({ ...report, ...changes }, { judgeOffence }))).toBe('E_EQUIVOCATION');
  });

  it('is refused for what a member did before it was out of the set, though its log and build key are the same', () => {
    const { trust } = log;
    const without = trust.sets.map((set) =>
      set.epoch === 2
        ? { ...set, authorities: set.authorities.filter(({ name }) => name !== 'borneo') }
        : set,
    );
    const [first, second, current] = without;
    if (!first || !second || !current) throw new Error('the fixture has three epochs');
    const judgeOffence = showing(proven);
    const interrupted: NetworkTrust = { ...trust, sets: [first, second, current], current };
    expect(codeOf(check(report, { trust: interrupted, judgeOffence }))).toBe('E_EQUIVOCATION');
    const since = showing({ ...proven, epoch: 3 });
    expect(check(report, { trust: interrupted, judgeOffence: since }).ok).toBe(true);
  });

  it('is refused when its statements are not signed', () => {
    const judgeOffence: JudgeOffence = () => fail('E_SIGNATURE', { name: 'borneo' });
    expect(codeOf(check(report, { judgeOffence }))).toBe('E_SIGNATURE');
  });
});

describe('a hand-off', () => {
  it('is checked against the set before it, also where the new one is known already', () => {
    for (const trust of [network.trust, log.trust]) {
      expect(unwrap(check(handoff, { trust })).records).toMatchObject([{ kind: 'epoch-handoff', epoch: 2 }]);
    }
  });

  it('is refused with a forged cosignature, from an unknown epoch, or as another record', () => {
    const honest = unwrap(decodeRecord(handoff.record));
    const record = encodeRecord({ ...honest, root: sha256() } as EpochHandoffRecord);
    expect(codeOf(check({ ...handoff, record }))).toBe('E_SIGNATURE');
    const [, later] = log.trust.links;
    const second = { ...handoff, record: later?.handoff ?? new Uint8Array() };
    expect(codeOf(check(second, { trust: network.trust }))).toBe('E_EPOCH_UNKNOWN');
    const state = { ...handoff, record: later?.state ?? new Uint8Array() };
    expect(codeOf(check(state))).toBe('E_TRANSACTION_FORM');
  });
});

describe('every kind of transaction', () => {
  it('reads back as it was written; no bytes make its reader or its check throw', { timeout: 30_000 }, () => {
    for (const transaction of [report, handoff]) {
      const bytes = encodeTransaction(transaction);
      expect(unwrap(decodeTransaction(bytes))).toEqual(transaction);
      fc.assert(
        fc.property(mutatedBytes(fc.constant(bytes)), (mutated) => {
          const read = decodeTransaction(mutated);
          if (!read.ok || read.value.kind === 'artifact-add') return;
          expect(equalBytes(encodeTransaction(read.value), mutated)).toBe(true);
          check(read.value);
        }),
        { numRuns: 500 },
      );
    }
  });
});
