import { beforeAll, describe, expect, it } from 'vitest';
import { collect } from '../collect.fixture.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { TestLog } from '../node/test-log.fixture.ts';
import { LogState } from './batch.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { makeAuthority } from './epochs.fixture.ts';
import { makeNetwork, makeProposal } from './network.fixture.ts';
import { genesisBatch, trustFromGenesis } from './network.ts';
import { recordOf } from './proposal.ts';
import type {
  AuthorityAddRecord,
  AuthorityRemoveRecord,
  EpochHandoffRecord,
  EquivocationRecord,
  LogRecord,
  NetworkTrust,
} from './types.ts';

const network = makeNetwork();
const large = makeNetwork(7, {}, 'large');
const all = Uint8Array.of(0b1111);
const evidence: Uint8Array = new Uint8Array(32).fill(5);

let log: TestLog;
let entries: Uint8Array[];
/** Size at which epoch 2 begins; the closing batch is the last two entries before it. */
let since: number;

beforeAll(async () => {
  log = await TestLog.create(network);
  await log.addVersions(['pkg:npm/a@1.0.0']);
  await log.changeAuthorities({ add: ['etna'] });
  await log.addVersions(['pkg:npm/b@1.0.0']);
  since = log.trust.current.since;
  const tree = unwrap(await TiledLog.open(log.store, log.size));
  entries = (await collect(tree.entries())).map(({ bytes }) => bytes.slice());
});

/** The state after the first `size` entries. */
function at(size: number, trust: NetworkTrust = log.trust): LogState {
  const state = new LogState(trust);
  for (const entry of entries.slice(0, size)) unwrap(state.applyEntry(entry));
  return state;
}

function started(of = network, trust = of.trust): LogState {
  const state = new LogState(trust);
  unwrap(state.applyBatch(genesisBatch(of.trust)));
  return state;
}

function version(purl: string, epoch = 1, builders = 0b1111) {
  return recordOf(makeProposal(purl, utf8(purl)), { epoch, builders: Uint8Array.of(builders), evidence });
}

function joins(name: string, changes: Partial<AuthorityAddRecord> = {}, of = network): AuthorityAddRecord {
  const authority = makeAuthority(of, name);
  return {
    kind: 'authority-add',
    v: 1,
    epoch: 1,
    authority,
    addresses: [],
    approvals: all,
    evidence,
    ...changes,
  };
}

function leaves(name: string, changes: Partial<AuthorityRemoveRecord> = {}): AuthorityRemoveRecord {
  return { kind: 'authority-remove', v: 1, epoch: 1, name, approvals: all, evidence, ...changes };
}

function accuses(name: string, changes: Partial<EquivocationRecord> = {}): EquivocationRecord {
  return { kind: 'equivocation', v: 1, epoch: 1, name, offence: 'two-notarise', evidence, ...changes };
}

/** Applies records one after the other; the outcome of the last. */
function outcome(state: LogState, ...records: readonly LogRecord[]): Result<unknown> {
  const [last, ...before] = records.toReversed();
  for (const record of before.toReversed()) unwrap(state.applyEntry(encodeRecord(record)));
  return last === undefined ? { ok: true, value: undefined } : state.applyEntry(encodeRecord(last));
}

function reasonOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : `${result.error.code}: ${String(result.error.fields['reason'] ?? '')}`;
}

/** A whole batch that closes the epoch and announces `hash`. */
function closing(state: LogState, records: readonly LogRecord[], hash = evidence): Uint8Array[] {
  return [...records, state.nextState(records, state.time, hash)].map(encodeRecord);
}

function handoff(changes: Partial<EpochHandoffRecord> = {}): EpochHandoffRecord {
  const record = unwrap(decodeRecord(entries[since] ?? new Uint8Array()));
  if (record.kind !== 'epoch-handoff') throw new Error(`a ${record.kind} record`);
  return { ...record, ...changes };
}

describe('a log of several epochs', () => {
  it('goes from one epoch to the next', () => {
    const state = at(entries.length);
    expect(state.epoch.set).toEqual(log.trust.current);
    expect(state.epoch.set.authorities.map(({ name }) => name)).toEqual([
      'ayla',
      'borneo',
      'cassini',
      'delft',
      'etna',
    ]);
    expect(state.hasPackageVersion('pkg:npm/b@1.0.0')).toBe(true);
  });

  it('holds records to the epoch they stand in', () => {
    expect(reasonOf(outcome(at(since + 2), version('pkg:npm/c@1.0.0', 1)))).toContain('it names epoch 1');
    expect(outcome(at(since - 2), version('pkg:npm/c@1.0.0', 1, 0b0111)).ok).toBe(true);
    const tooFew = outcome(at(since + 2), version('pkg:npm/c@1.0.0', 2, 0b0111));
    expect(tooFew).toMatchObject({ error: { fields: { agreed: 3, total: 5, need: 4 } } });
  });

  it('does not go on in an epoch that is known to have ended', () => {
    const [ignorant, informed] = [started(), started(network, log.trust)];
    for (let number = 0; informed.size < since; number++) {
      const records = [version(`pkg:npm/d@${number}.0.0`, 1, 0b0111)];
      const batch = [...records, informed.nextState(records, informed.time)].map(encodeRecord);
      for (const state of [ignorant, informed]) unwrap(state.applyBatch(batch));
    }
    const next = version('pkg:npm/e@1.0.0', 1, 0b0111);
    expect(reasonOf(outcome(ignorant, next))).toBe('accepted');
    expect(reasonOf(outcome(informed, next))).toBe(`E_BATCH_FORM: epoch 1 ended with ${since} entries`);
  });

  it('may end with a closed epoch whose successor is not known yet', () => {
    const trust = unwrap(trustFromGenesis(log.trust.genesisBytes));
    const state = at(since, trust);
    expect([state.size, state.atBatchEnd]).toEqual([since, true]);
    const refused = state.applyEntry(encodeRecord(handoff()));
    expect(refused).toMatchObject({ error: { code: 'E_EPOCH_UNKNOWN', fields: { epoch: 2, newest: 1 } } });
    state.learn(log.trust);
    unwrap(state.applyEntry(encodeRecord(handoff())));
  });

  it('is left as it was by a batch that is refused', () => {
    const state = started();
    const bad = [...closing(state, [joins('etna')]).slice(0, 1), encodeRecord(version('pkg:npm/a@1.0.0'))];
    expect(state.applyBatch(bad).ok).toBe(false);
    expect([state.size, state.epoch.closing]).toEqual([2, undefined]);
  });
});

describe('a change of the authorities is refused', () => {
  it.each<[string, LogRecord[]]>([
    ['E_BATCH_FORM: it names epoch 2', [joins('etna', { epoch: 2 })]],
    ['E_BATCH_FORM: 2 authorities approve it; 3 must', [joins('etna', { approvals: Uint8Array.of(0b0011) })]],
    [
      'E_BATCH_FORM: its approvals bitmap does not fit the authority set',
      [joins('etna', { approvals: Uint8Array.of(0b10111) })],
    ],
    ['E_BATCH_FORM: zagros is not in the set', [leaves('zagros')]],
    ['E_BATCH_FORM: 2 changes at once; at most 1 may be', [joins('etna'), leaves('ayla')]],
    ['E_BATCH_FORM: it follows a change of the authority set', [joins('etna'), version('pkg:npm/c@1.0.0')]],
    ['E_BATCH_FORM: it follows a change of the authority set', [joins('etna'), accuses('ayla')]],
  ])('with %s', (reason, records) => {
    expect(reasonOf(outcome(started(), ...records))).toBe(reason);
  });

  it('when two records of it belong to different changes, or name one authority', () => {
    const approvals = Uint8Array.of(0b0111_1111);
    const first = joins('kea', { approvals }, large);
    for (const [second, reason] of [
      [leaves('ayla', { approvals, evidence: new Uint8Array(32) }), 'another change'],
      [leaves('ayla', { approvals: Uint8Array.of(0b0011_1111) }), 'another change'],
      [joins('kea', { approvals }, large), 'one authority is named twice'],
    ] as const) {
      expect(reasonOf(outcome(started(large), first, second))).toContain(reason);
    }
    expect(outcome(started(large), first, leaves('ayla', { approvals })).ok).toBe(true);
  });

  it('when who joins brings a key of the present set', () => {
    const [ayla] = network.trust.current.authorities;
    const authority = { ...makeAuthority(network, 'etna'), buildKey: ayla?.voteKey ?? evidence };
    expect(reasonOf(outcome(started(), joins('etna', { authority })))).toContain('a key of the present set');
  });

  it('when fewer than three would be left', () => {
    const three = makeNetwork(3, {}, 'three');
    const state = started(three);
    const refused = state.applyBatch(closing(state, [leaves('ayla', { approvals: Uint8Array.of(7) })]));
    expect(reasonOf(refused)).toBe('E_BATCH_FORM: 2 authorities would be left; at least 3 must');
  });

  it('when its state record announces another set than the one that was handed over to', () => {
    const state = at(since - 2);
    const { value } = decodeRecord(entries[since - 2] ?? evidence) as { value: LogRecord };
    expect(state.applyBatch(closing(state, [value]))).toMatchObject({
      error: { code: 'E_BATCH_STATE', fields: { field: 'setHash' } },
    });
  });

  it('when its state record claims the epoch after it', () => {
    const state = started();
    const records = [joins('etna')];
    const bad = { ...state.nextState(records, state.time, evidence), epoch: 2 };
    expect(state.applyBatch([...records, bad].map(encodeRecord))).toMatchObject({
      error: { code: 'E_BATCH_STATE', fields: { field: 'epoch' } },
    });
  });
});

describe('a hand-off is refused', () => {
  it('when the epoch is not closed', () => {
    expect(reasonOf(outcome(started(), handoff()))).toBe('E_BATCH_FORM: the epoch before is not closed');
    expect(reasonOf(outcome(at(since + 2), handoff()))).toBe('E_BATCH_FORM: the epoch before is not closed');
  });

  it('when anything comes before it in a closed epoch', () => {
    for (const record of [version('pkg:npm/c@1.0.0'), accuses('ayla'), leaves('ayla')]) {
      expect(reasonOf(outcome(at(since), record))).toBe(
        'E_BATCH_FORM: the epoch is closed; a hand-off must follow',
      );
    }
  });

  it('when it does not name the tree before it, the announced set, or exactly a quorum', () => {
    const { cosignatures, authorities } = handoff();
    const other = [makeAuthority(network, 'ayla', 9), ...authorities.slice(1)];
    for (const [changes, reason] of [
      [{ size: since - 1 }, 'it names a tree of'],
      [{ epoch: 3 }, 'it follows on epoch 2'],
      [{ authorities: other }, 'announced another set'],
      [{ authorities: authorities.toReversed() }, 'announced another set'],
      [{ cosignatures: cosignatures.slice(1) }, 'it must have exactly 3'],
    ] as const) {
      expect(reasonOf(outcome(at(since), handoff(changes)))).toMatch(new RegExp(`E_HANDOFF: .*${reason}`));
    }
  });

  it('when its members do not follow from the log, whatever was announced', () => {
    const next = log.trust.current;
    const announced = next.setHash;
    const state = at(since - 2);
    unwrap(state.applyBatch(closing(state, [leaves('ayla')], announced)));
    expect(reasonOf(outcome(state, handoff()))).toContain('E_HANDOFF: it has other members');
  });
});

describe('an equivocation', () => {
  it('is recorded once for each member, and only for members', () => {
    expect(outcome(started(), accuses('ayla'), accuses('borneo')).ok).toBe(true);
    expect(reasonOf(outcome(started(), accuses('ayla'), accuses('ayla')))).toContain(
      'ayla is suspended already',
    );
    expect(reasonOf(outcome(started(), accuses('zagros')))).toContain('zagros is not in the set');
    expect(reasonOf(outcome(started(), accuses('ayla', { epoch: 2 })))).toContain('it names epoch 2');
  });

  it('suspends with the next epoch', async () => {
    const suspended = await TestLog.create(network);
    await suspended.addRecords([accuses('borneo')]);
    await suspended.changeAuthorities({ add: ['etna'] });
    const names = suspended.trust.current.authorities.map(({ name }) => name);
    expect(names).toEqual(['ayla', 'cassini', 'delft', 'etna']);
  });

  it('does not suspend who joins anew with other keys, nor below three', async () => {
    const rejoined = await TestLog.create(network);
    await rejoined.addRecords([accuses('borneo')]);
    await rejoined.changeAuthorities({ add: ['borneo'] });
    expect(rejoined.trust.current.authorities.map(({ name }) => name)).toContain('borneo');
    const few = await TestLog.create(makeNetwork(4, {}, 'few'));
    await few.addRecords([accuses('borneo'), accuses('cassini')]);
    await few.changeAuthorities({ remove: ['delft'] });
    expect(few.trust.current.authorities.map(({ name }) => name)).toEqual(['ayla', 'borneo', 'cassini']);
    await few.changeAuthorities({ add: ['etna'] });
    expect(few.trust.current.authorities.map(({ name }) => name)).toEqual(['ayla', 'cassini', 'etna']);
  });
});
