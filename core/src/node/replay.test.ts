import { beforeAll, describe, expect, it } from 'vitest';
import { createBreathe } from '../breath.ts';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { LogState } from '../records/batch.ts';
import { encodeRecord } from '../records/codec.ts';
import type { NetworkTrust } from '../records/types.ts';
import { Replay } from './replay.ts';
import { network, TestLog } from './test-log.fixture.ts';

let honest: TestLog;
let other: TestLog;

beforeAll(async () => {
  [honest, other] = (await Promise.all(
    ['a', 'b'].map(async (name) => {
      const log = await TestLog.create();
      await log.addVersions([`pkg:npm/${name}@1.0.0`]);
      await log.changeAuthorities({ add: ['etna'] });
      return log;
    }),
  )) as [TestLog, TestLog];
});

async function entriesOf(log: TestLog, to = log.size): Promise<Uint8Array[]> {
  const tree = unwrap(await TiledLog.open(log.store, log.size));
  return (await collect(tree.entries(0, to))).map(({ bytes }) => bytes.slice());
}

async function replayed(entries: readonly Uint8Array[], trust: NetworkTrust) {
  const log = unwrap(await TiledLog.open(new MemoryLogStore(), 0));
  await log.append(entries);
  const replay = new Replay(trust, createBreathe(realClock));
  await replay.applyStored(log, log.root(), () => undefined);
  return replay;
}

describe('a replay over several epochs', () => {
  it('follows the hand-offs that the trust knows', async () => {
    await honest.addVersions(['pkg:npm/c@1.0.0']);
    const replay = await replayed(await entriesOf(honest), honest.trust);
    expect(replay.state.epoch.set.epoch).toBe(2);
    expect(replay.state.handoffs.map(({ size }) => size)).toEqual([honest.trust.current.since]);
  });

  it('stops at an epoch that nobody handed over to', async () => {
    const entries = await entriesOf(honest);
    await expect(replayed(entries, network.trust)).rejects.toMatchObject({ code: 'E_EPOCH_UNKNOWN' });
  });

  it('finds out when the map of packages it ends with is not the one that its records make', async () => {
    const entries = await entriesOf(honest, 2);
    const state = new LogState(honest.trust);
    for (const entry of entries) unwrap(state.applyEntry(entry));
    const handed = (await entriesOf(honest))[2] ?? new Uint8Array();
    const record = unwrap(state.applyEntry(handed));
    expect(record.kind).toBe('artifact-add');
    const wrong = encodeRecord({ ...state.nextState([], state.time), mapRoot: new Uint8Array(32) });
    await expect(replayed([...entries, handed, wrong], honest.trust)).rejects.toMatchObject({
      code: 'E_BATCH_STATE',
      fields: { field: 'mapRoot' },
    });
  });

  it('finds out when the hand-off names another history of the same size', async () => {
    const { since } = honest.trust.current;
    expect(other.trust.current.since).toBe(since);
    const before = await entriesOf(honest, since);
    const handoff = (await entriesOf(other))[since] ?? new Uint8Array();
    const state = new LogState(other.trust);
    for (const entry of [...before, handoff]) unwrap(state.applyEntry(entry));
    const entries = [...before, handoff, encodeRecord(state.nextState([], state.time))];
    await expect(replayed(entries, other.trust)).rejects.toMatchObject({
      code: 'E_HANDOFF',
      fields: { epoch: 2 },
    });
  });
});
