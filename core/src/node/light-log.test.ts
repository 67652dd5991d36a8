import { beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import type { LookupBundle } from '../lookup/bundle.ts';
import type { LogSource } from '../net/sources.ts';
import { ports } from '../verify/ports.fixture.ts';
import { verify } from '../verify/verify.ts';
import { LightLog } from './light-log.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, purls, TestLog, verifySignature } from './test-log.fixture.ts';

const A = 'pkg:npm/a@1.0.0';
const ABSENT = 'pkg:npm/absent@1.0.0';

let log: TestLog;
let anchors: MemoryAnchorStore;

beforeEach(async () => {
  log = await TestLog.create();
  await log.addVersions([A, 'pkg:npm/b@1.0.0', 'pkg:npm/a@1.1.0']);
  anchors = new MemoryAnchorStore();
});

const open = (...sources: readonly LogSource[]) =>
  LightLog.open({
    trust: log.trust,
    stores: { log: new MemoryLogStore(), anchors },
    sources: () => sources,
    verifySignature,
    clock: realClock,
  });
const honest = async (id = 'honest') => log.source(id, await log.note());
const lying = async (change: (bundle: LookupBundle) => LookupBundle, id = 'liar') =>
  log.source(id, await log.note(), undefined, change);
const refusals = (light: LightLog) =>
  light.state.refused.map(({ source, error }) => `${source} ${error.code}`);

describe('a light log', () => {
  it('learns record, versions and absence, each in one request, and keeps the checkpoint', async () => {
    const source = await honest();
    const light = await open(source);
    const found = unwrap(await light.lookup(A));
    expect(found.event).toMatchObject({ index: 2, version: '1.0.0' });
    expect(found.events.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
    expect(unwrap(await light.lookup(ABSENT)).events).toEqual([]);
    expect(source.asked).toEqual([`lookup ${A}`, `lookup ${ABSENT}`]);
    expect(light.state).toMatchObject({ size: 6, anchor: { size: 6 } });
    expect((await anchors.load())?.size).toBe(6);
  });

  it('gives evidence that the verifier accepts', async () => {
    const light = await open(await honest());
    const { evidence } = unwrap(await light.lookup(ABSENT));
    const verification = await verify({ trust: log.trust, purl: ABSENT, ...evidence }, ports);
    expect(verification.verdict).toBe('not-in-log');
  });

  it('asks again only after the log has moved on', async () => {
    let source = await honest();
    const light = await LightLog.open({
      trust: log.trust,
      stores: { log: new MemoryLogStore(), anchors },
      sources: () => [source],
      verifySignature,
      clock: realClock,
    });
    unwrap(await light.sync());
    unwrap(await light.lookup(A));
    unwrap(await light.lookup(A));
    expect(source.asked.filter((path) => path === `lookup ${A}`)).toHaveLength(1);
    await log.addVersions(['pkg:npm/a@2.0.0']);
    source = await honest();
    expect(unwrap(await light.sync()).grown).toBe(2);
    const { events, evidence } = unwrap(await light.lookup(A));
    expect(events).toHaveLength(3);
    expect(evidence.previous?.size).toBe(6);
    const verification = await verify({ trust: log.trust, purl: A, ...evidence }, ports);
    expect(verification.rungs.find(({ id }) => id === 'history')).toMatchObject({
      state: 'pass',
      fields: { previous: 6 },
    });
  });

  it('follows a newer head that comes with an answer, and takes over newer signatures', async () => {
    const light = await open(await honest());
    unwrap(await light.sync());
    await log.addVersions(purls(20));
    const newer = log.source('newer', await log.note({ time: 2_000_000_000 }));
    const again = await open(newer);
    expect(again.state.size).toBe(6);
    unwrap(await again.lookup(ABSENT));
    expect(again.state.size).toBe(log.size);
    const fresher = log.source('fresher', await log.note({ time: 2_000_000_500 }));
    const third = await open(fresher);
    unwrap(await third.sync());
    expect(third.state.checkpoint?.freshAsOf).toBe(2_000_000_500);
    expect((await anchors.load())?.size).toBe(log.size);
  });

  it('reads no entry and no tile', async () => {
    const source = await honest();
    const light = await open(source);
    unwrap(await light.sync());
    await log.addVersions(purls(3));
    unwrap(await light.sync());
    expect(source.asked.every((path) => path.startsWith('lookup'))).toBe(true);
  });
});

describe('a source that lies', () => {
  it.each<[string, (bundle: LookupBundle) => LookupBundle, string]>([
    [
      'one flipped byte in the path',
      (b) => ({ ...b, steps: b.steps.map((s) => ({ ...s, hash: s.hash.with(0, (s.hash[0] ?? 0) ^ 1) })) }),
      'E_TRIE_PROOF',
    ],
    ['a truncated list', (b) => ({ ...b, events: b.events.slice(0, -1) }), 'E_TRIE_PROOF'],
    ['another record', (b) => ({ ...b, records: [{ index: 2, bytes: new Uint8Array(9) }] }), 'E_LOOKUP'],
    [
      'a state record of another log',
      (b) => ({ ...b, ...(b.head && { head: { ...b.head, state: b.head.state.with(40, 1) } }) }),
      'E_INCLUSION',
    ],
    [
      'a checkpoint without a quorum',
      (b) => ({ ...b, ...(b.head && { head: { ...b.head, checkpoint: b.head.checkpoint.slice(0, -120) } }) }),
      'E_NOTE',
    ],
    ['another size', (b) => ({ ...b, size: 5 }), 'E_LOOKUP'],
    ['no head', ({ head: _head, ...b }) => b, 'E_LOOKUP'],
  ])('with %s is refused and named, and the next one asked', async (_, change, code) => {
    const light = await open(await lying(change), await honest());
    expect(unwrap(await light.lookup(A)).event?.index).toBe(2);
    expect(refusals(light)).toEqual([`liar ${code}`]);
    const alone = await open(await lying(change));
    const failed = await alone.lookup(A);
    expect(failed.ok ? 'ok' : failed.error.code).toBe('E_SYNC_REFUSED');
  });

  it('with an older log is refused as stale', async () => {
    const old = await honest('old');
    await log.addVersions(purls(3));
    const light = await open(await honest());
    unwrap(await light.sync());
    const later = await open(old);
    expect((await later.lookup(A)).ok).toBe(false);
    expect(refusals(later)).toEqual(['old E_STALE_SOURCE']);
    expect((await later.sync()).ok).toBe(false);
    expect((await anchors.load())?.size).toBe(log.size);
  });

  it('without a proof that its log continues ours is refused', async () => {
    unwrap(await (await open(await honest())).sync());
    await log.addVersions(purls(5));
    const light = await open(
      await lying(({ head, ...b }) => ({ ...b, ...(head && { head: { ...head, consistency: [] } }) })),
    );
    expect((await light.lookup(A)).ok).toBe(false);
    expect(refusals(light)).toEqual(['liar E_CONSISTENCY']);
    expect(light.state.size).toBe(6);
  });

  it('stays named until it gives a good answer to the same question', async () => {
    let lies = true;
    const note = await log.note();
    const source = log.source('liar', note, undefined, (b) =>
      lies && b.events.length > 0 ? { ...b, events: [] } : b,
    );
    const light = await LightLog.open({
      trust: log.trust,
      stores: { anchors, log: new MemoryLogStore() },
      sources: () => [source],
      verifySignature,
      clock: realClock,
    });
    expect((await light.lookup(A)).ok).toBe(false);
    unwrap(await light.sync());
    unwrap(await light.lookup(ABSENT));
    expect(refusals(light)).toEqual(['liar E_TRIE_PROOF']);
    lies = false;
    unwrap(await light.lookup(A));
    expect(refusals(light)).toEqual([]);
  });

  it('cannot make this node believe that it is at fault itself', async () => {
    const source = {
      ...(await honest('liar')),
      lookup: () => Promise.reject(new AssayError('E_FORK', { first: 1, second: 1, faulty: 2 })),
    };
    const light = await open(source, await honest());
    expect((await light.lookup(A)).ok).toBe(true);
    expect(refusals(light)).toEqual(['liar E_PROTOCOL']);
  });

  it('that answers no lookups is passed over', async () => {
    const { lookup: _lookup, ...bare } = await honest('bare');
    const light = await open(bare, await honest());
    expect(unwrap(await light.lookup(A)).events).toHaveLength(2);
    expect(refusals(light)).toEqual([]);
  });
});

describe('two logs under one name', () => {
  it('stop it, and both checkpoints are kept', async () => {
    const other = await TestLog.create(network);
    await other.addVersions(['pkg:npm/x@1.0.0', 'pkg:npm/y@1.0.0', 'pkg:npm/z@1.0.0', 'pkg:npm/w@1.0.0']);
    unwrap(await (await open(await honest())).sync());
    const light = await open(other.source('other', await other.note()));
    const outcome = await light.lookup(A);
    expect(outcome.ok ? 'ok' : outcome.error.code).toBe('E_FORK');
    expect(light.state.anchor?.conflict).toBeDefined();
    expect((await anchors.load())?.conflict?.second).toEqual(await other.note());
    expect((await light.sync()).ok).toBe(false);
  });

  it('leave it what it knows already of the records that both share', async () => {
    const [NEW, OTHER] = ['pkg:npm/new@1.0.0', 'pkg:npm/other@1.0.0'];
    const other = await TestLog.create(network);
    await other.addVersions([A, 'pkg:npm/b@1.0.0', 'pkg:npm/a@1.1.0']);
    await other.addVersions([OTHER]);
    await log.addVersions([NEW]);
    const mine = await honest();
    // Whoever shows the other history does not take away those who show this one.
    let sources: readonly LogSource[] = [mine];
    const light = await LightLog.open({
      trust: log.trust,
      stores: { log: new MemoryLogStore(), anchors },
      sources: () => sources,
      verifySignature,
      clock: realClock,
    });
    for (const purl of [A, NEW]) unwrap(await light.lookup(purl));
    sources = [mine, other.source('other', await other.note())];
    expect(await light.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
    const historyOf = async (purl: string) => {
      const evidence = { trust: log.trust, purl, ...(await light.evidence(purl)) };
      return (await verify(evidence, ports)).rungs.find(({ id }) => id === 'history')?.state;
    };
    expect(await historyOf(A)).toBe('pass');
    expect(await historyOf(NEW)).toBe('fail');
    expect((await light.lookup(OTHER)).ok).toBe(false);
  });
});
