import { beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import type { Clock } from '../clock.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import type { LogSource } from '../net/sources.ts';
import { handoffPath } from '../records/handoff.ts';
import { CREATED } from '../records/network.fixture.ts';
import { MAX_ANCHOR_AGE_SECONDS } from './anchor-age.ts';
import { LightLog } from './light-log.ts';
import { LogSync } from './log-sync.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, purls, TestLog, verifySignature } from './test-log.fixture.ts';

const DAY = 24 * 60 * 60;

let stores: { log: MemoryLogStore; anchors: MemoryAnchorStore };
let sources: LogSource[];
let now: number;

beforeEach(() => {
  stores = { log: new MemoryLogStore(), anchors: new MemoryAnchorStore() };
  sources = [];
  now = CREATED + 2000;
});

const clock: Clock = { ...realClock, now: () => now };
const options = () => ({
  trust: network.trust,
  stores,
  sources: () => sources,
  verifySignature,
  clock,
});
const open = {
  full: () => LogSync.open(options()),
  light: () => LightLog.open(options()),
};

/** A log of one epoch with one version in it. */
async function firstEpoch(): Promise<TestLog> {
  const log = await TestLog.create();
  await log.addVersions(['pkg:npm/first@1.0.0']);
  return log;
}

async function twoChanges(log: TestLog): Promise<void> {
  await log.changeAuthorities({ add: ['etna'] });
  await log.addVersions(['pkg:npm/second@1.0.0']);
  await log.changeAuthorities({ remove: ['ayla'] });
  await log.addVersions(['pkg:npm/third@1.0.0']);
}

const namesOf = ({ trust }: Pick<LogSync, 'trust'>) => trust.current.authorities.map(({ name }) => name);

describe.each(['full', 'light'] as const)(
  'a %s client that was away while the authorities changed',
  (mode) => {
    it('follows the hand-offs from what it knew to the newest checkpoint, and keeps them', async () => {
      const log = await firstEpoch();
      sources = [log.source('one', await log.note())];
      const before = await open[mode]();
      unwrap(await before.sync());
      await twoChanges(log);
      sources = [log.source('one', await log.note())];
      const later = await open[mode]();
      unwrap(await later.sync());
      expect(later.state).toMatchObject({ size: log.size, refused: [] });
      expect(namesOf(later)).toEqual(['borneo', 'cassini', 'delft', 'etna']);
      sources = [];
      expect(namesOf(await open[mode]())).toEqual(['borneo', 'cassini', 'delft', 'etna']);
      expect(await stores.log.read(handoffPath(3))).toBeDefined();
    });

    it('asks for no hand-off while the authorities it knows sign', async () => {
      const log = await firstEpoch();
      const source = log.source('one', await log.note());
      sources = [source];
      unwrap(await (await open[mode]()).sync());
      expect(source.asked.filter((path) => path.startsWith('handoff/'))).toEqual([]);
    });

    it('believes no authorities that nobody handed over to', async () => {
      const log = await firstEpoch();
      await twoChanges(log);
      const hidden = (path: string, bytes: Uint8Array) =>
        path === handoffPath(3) ? new AssayError('E_NOT_FOUND', { what: path }) : bytes;
      sources = [log.source('one', await log.note(), hidden)];
      const node = await open[mode]();
      expect(await node.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED' } });
      expect(node.state.refused).toMatchObject([{ error: { code: 'E_QUORUM' } }]);
      expect(node.trust.sets).toHaveLength(1);
    });

    it('leaves a source with a hand-off that does not count, and hears the others', async () => {
      const log = await firstEpoch();
      await twoChanges(log);
      const spoilt = (path: string, bytes: Uint8Array) =>
        path === handoffPath(2) ? bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte)) : bytes;
      sources = [log.source('liar', await log.note(), spoilt), log.source('honest', await log.note())];
      const node = await open[mode]();
      unwrap(await node.sync());
      expect(node.state.refused).toMatchObject([{ source: 'liar' }]);
      expect(node.trust.sets).toHaveLength(3);
    });

    it('stops at two hand-offs of one epoch, and names those who signed both', async () => {
      const [left, right] = [await firstEpoch(), await firstEpoch()];
      await left.changeAuthorities({ add: ['etna'] });
      await right.changeAuthorities({ remove: ['delft'] });
      sources = [left.source('left', await left.note())];
      const node = await open[mode]();
      unwrap(await node.sync());
      sources = [right.source('right', await right.note())];
      const stopped = await node.sync();
      expect(stopped).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
      expect(node.state.anchor?.conflict?.signers).toEqual(['ayla', 'borneo', 'cassini']);
      sources = [left.source('left', await left.note())];
      expect(await (await open[mode]()).sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
    });

    it('stops at first sight of a network whose sources show two successors', async () => {
      const [left, right] = [await firstEpoch(), await firstEpoch()];
      await left.changeAuthorities({ add: ['etna'] });
      await right.changeAuthorities({ remove: ['delft'] });
      sources = [left.source('left', await left.note()), right.source('right', await right.note())];
      const node = await open[mode]();
      expect(await node.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
      expect(node.state.anchor?.conflict?.signers).toEqual(['ayla', 'borneo', 'cassini']);
    });

    it('stops where the new authorities leave out the tree that their epoch began with', async () => {
      const [left, right] = [await firstEpoch(), await TestLog.create()];
      await left.changeAuthorities({ add: ['etna'] });
      await right.addVersions(['pkg:npm/other@1.0.0']);
      await right.changeAuthorities({ add: ['etna'] });
      await right.addVersions(['pkg:npm/more@1.0.0']);
      const forged = await right.note({ set: left.trust.current });
      const link = await left.store.read(handoffPath(2));
      const swapped = (path: string, bytes: Uint8Array) =>
        path === handoffPath(2) ? (link ?? bytes) : bytes;
      sources = [right.source('forger', forged, swapped)];
      const node = await open[mode]();
      expect(await node.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
      expect(node.trust.sets).toHaveLength(1);
      expect(node.state.anchor?.conflict?.signers?.length).toBeGreaterThanOrEqual(2);
    });

    it('leaves an anchor older than 180 days only when three sources agree', async () => {
      const log = await firstEpoch();
      sources = [log.source('one', await log.note())];
      unwrap(await (await open[mode]()).sync());
      await twoChanges(log);
      now = CREATED + 1000 + MAX_ANCHOR_AGE_SECONDS + DAY;
      const note = await log.note({ time: now });
      const three = ['one', 'two', 'three'].map((id) => log.source(id, note));
      sources = three.slice(0, 2);
      const node = await open[mode]();
      expect(await node.sync()).toMatchObject({
        ok: false,
        error: { code: 'E_ANCHOR_AGED', fields: { seen: '6 months ago', have: 2, need: 3 } },
      });
      expect(node.state.size === 0 || node.state.anchor?.size === 4).toBe(true);
      sources = three;
      unwrap(await node.sync());
      expect(node.state).toMatchObject({
        size: log.size,
        reanchored: { lastSeen: CREATED + 1000, sources: ['one', 'two', 'three'] },
      });
    });
  },
);

it('a light client leaves an old anchor by no single answer to a lookup either', async () => {
  const log = await firstEpoch();
  sources = [log.source('one', await log.note())];
  unwrap(await (await open.light()).sync());
  await log.addVersions(['pkg:npm/second@1.0.0']);
  now = CREATED + 1000 + MAX_ANCHOR_AGE_SECONDS + DAY;
  sources = [log.source('one', await log.note({ time: now }))];
  const node = await open.light();
  expect(await node.lookup('pkg:npm/second@1.0.0')).toMatchObject({ ok: false });
  expect(node.state.refused).toMatchObject([{ error: { code: 'E_ANCHOR_AGED' } }]);
  expect(node.state.anchor?.size).toBe(4);
});

describe('a full sync that is interrupted', () => {
  it('goes on from what it had, while the log grows and epochs change', async () => {
    const log = await TestLog.create();
    await log.addVersions(purls(600, 'first'));
    await log.changeAuthorities({ add: ['etna'] });
    const broken = (path: string, bytes: Uint8Array) =>
      path === 'tile/entries/001' ? new AssayError('E_UNREACHABLE') : bytes;
    sources = [log.source('weak', await log.note(), broken)];
    expect(await (await open.full()).sync()).toMatchObject({ ok: false });
    await log.addVersions(purls(400, 'second'));
    await log.changeAuthorities({ remove: ['ayla'] });
    const good = log.source('good', await log.note());
    sources = [good];
    const node = await open.full();
    unwrap(await node.sync());
    expect(node.state.size).toBe(log.size);
    expect(namesOf(node)).toEqual(['borneo', 'cassini', 'delft', 'etna']);
    const bundles = good.asked.filter((path) => path.startsWith('tile/entries/'));
    expect(bundles).not.toContain('tile/entries/000');
    expect(bundles).toContain('tile/entries/001');
    expect(node.indexOf('pkg:npm/second@1.0.399')).toBeDefined();
  });
});

describe('a lookup after the authorities changed', () => {
  it('follows the hand-offs first', async () => {
    const log = await firstEpoch();
    sources = [log.source('relay', await log.note())];
    const light = await open.light();
    unwrap(await light.lookup('pkg:npm/first@1.0.0'));
    await twoChanges(log);
    sources = [log.source('relay', await log.note())];
    const { event } = unwrap(await (await open.light()).lookup('pkg:npm/third@1.0.0'));
    expect(event?.version).toBe('1.0.0');
    expect(unwrap(await light.lookup('pkg:npm/third@1.0.0')).event).toEqual(event);
    expect(namesOf(light)).toContain('etna');
  });
});
