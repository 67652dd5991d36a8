import { beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { concatBytes, equalBytes, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import type { LogSource } from '../net/sources.ts';
import { CREATED } from '../records/network.fixture.ts';
import { fakeMirror, samplePack, type SamplePack } from '../swarm/sources.fixture.ts';
import { statesOf } from '../verify/evidence.fixture.ts';
import { rootOf } from './artifact-pack.ts';
import { keptLookupPath, purlDigest } from './kept-lookup.ts';
import type { NodeStores } from './stores.ts';
import { network, TestLog, verifySignature } from './test-log.fixture.ts';
import { VerifiedNode } from './verified-node.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const TWIN = 'pkg:npm/twin@1.0.0';
const OTHER = 'pkg:npm/other@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const OTHER_NAME = 'other-1.0.0.tgz';
/** How many of a proof's bytes, evenly spread, are changed one by one. */
const FLIPS = 16;
const DAY = 24 * 60 * 60;

const pathOf = (purl: string): string => keptLookupPath(purlDigest(purl));

/** Stores of their own for each test, `quotaBytes` of packs at most where they can keep to it, and a way to open them again. */
export interface ProofStores {
  readonly stores: NodeStores;
  reopen(): Promise<NodeStores>;
}

/** What a light node does with the proofs of what it holds, over any stores. */
export function heldProofsContract(
  name: string,
  make: (quotaBytes: () => number | undefined) => Promise<ProofStores>,
  { evicts = true }: { readonly evicts?: boolean } = {},
): void {
  let pack: SamplePack;
  let other: SamplePack;
  let log: TestLog;
  let source: LogSource;

  beforeAll(async () => {
    [pack, other] = [await samplePack(40_000), await samplePack(41_000)];
    log = await TestLog.create();
    await log.addPackage(PURL, pack.content, NAME);
    await log.addPackage(TWIN, pack.content, NAME);
    await log.addPackage(OTHER, other.content, OTHER_NAME);
    source = log.source('honest', await log.note());
  });

  const open = async (stores: NodeStores, sources: readonly LogSource[], after = 2000) => {
    const [one, two] = [fakeMirror('one', pack), fakeMirror('two', other)];
    const isOther = (root: Uint8Array): boolean => equalBytes(root, other.description.root);
    const node = await VerifiedNode.open({
      mode: 'light',
      trust: network.trust,
      stores,
      clock: { ...realClock, now: () => CREATED + after },
      verifySignature,
      logSources: () => sources,
      finder: { find: async (root, onSource) => onSource(isOther(root) ? two : one) },
    });
    await node.sync();
    return node;
  };
  const newest = async (): Promise<LogSource> =>
    log.source('honest', await log.note({ time: CREATED + 1500 }));
  const held = async (quotaBytes: () => number | undefined = () => undefined) => {
    const { stores, reopen } = await make(quotaBytes);
    const node = await open(stores, [source]);
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
    return { stores, reopen, node };
  };
  const isKept = async ({ log: store }: NodeStores, purl: string) =>
    (await store.read(pathOf(purl))) !== undefined;

  describe(`proofs of what a light node holds, in ${name}`, () => {
    it('let it verify and hand out, when nobody can be asked, what an earlier run fetched', async () => {
      const { reopen } = await held();
      const stores = await reopen();
      const offline = await open(stores, []);
      const { chunks, verification } = unwrap(await offline.readVerified(PURL, NAME));
      expect(concatBytes(...(await collect(chunks())))).toEqual(pack.content);
      expect(verification.verdict).toBe('verified');
      expect(statesOf(verification, 'pass')).toHaveLength(7);
      expect((await (await open(stores, [], 2 * DAY)).verify(PURL)).verdict).toBe('verified-stale');
      await expect(offline.find(OTHER)).rejects.toMatchObject({ code: 'E_SYNC_NO_SOURCE' });
    });

    it('still count when the log has grown since, and are replaced when the version is checked again', async () => {
      const { stores, node } = await held();
      const before = await stores.log.read(pathOf(PURL));
      await log.addVersions([`pkg:npm/later@1.0.${log.size}`]);
      const online = await open(stores, [await newest()]);
      expect((await stores.anchors.load())?.size).toBe(log.size);
      expect(node.state.size).toBeLessThan(log.size);
      const offline = await open(stores, []);
      const older = await offline.verify(PURL);
      expect(older).toMatchObject({ verdict: 'verified', checkpoint: { size: node.state.size } });
      await online.verify(PURL);
      expect(await stores.log.read(pathOf(PURL))).not.toEqual(before);
      expect((await offline.verify(PURL)).checkpoint?.size).toBe(log.size);
      // What a reader has that stands on an older checkpoint replaces nothing newer.
      await node.verify(PURL);
      expect((await offline.verify(PURL)).checkpoint?.size).toBe(log.size);
    });

    it('are checked like what anybody sends: damaged, or of something else, they say nothing', async () => {
      const { stores, node } = await held();
      await node.fetch(OTHER, OTHER_NAME);
      const path = pathOf(PURL);
      const honest = (await stores.log.read(path)) ?? new Uint8Array();
      const foreign = (await stores.log.read(pathOf(OTHER))) ?? new Uint8Array();
      const step = Math.ceil(honest.length / FLIPS);
      const flips = Array.from({ length: FLIPS }, (_, i) => Math.min(i * step, honest.length - 1));
      const damaged = [
        new Uint8Array(),
        honest.slice(0, -1),
        honest.slice(0, honest.length >> 1),
        foreign,
        ...flips.map((at) => honest.with(at, (honest[at] ?? 0) ^ 1)),
      ];
      for (const [i, bytes] of damaged.entries()) {
        await stores.log.write(new Map([[path, bytes]]));
        const offline = await open(stores, []);
        expect((await offline.verify(PURL, NAME)).verdict, `damage ${i}`).toBe('could-not-check');
        expect((await offline.readVerified(PURL, NAME)).ok).toBe(false);
      }
      const online = await open(stores, [source]);
      expect((await online.verify(PURL, NAME)).verdict).toBe('verified');
      expect((await (await open(stores, [])).verify(PURL, NAME)).verdict).toBe('verified');
    });

    it('say nothing when the anchor contradicts them', async () => {
      const { stores } = await held();
      const rival = await TestLog.create();
      for (const purl of ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']) await rival.addPackage(purl, utf8(purl));
      await rival.addPackage(PURL, pack.content, NAME);
      const elsewhere = await make(() => undefined);
      await (await open(elsewhere.stores, [rival.source('rival', await rival.note())])).fetch(PURL, NAME);
      const path = pathOf(PURL);
      const bytes = (await elsewhere.stores.log.read(path)) ?? new Uint8Array();
      expect((await (await open(elsewhere.stores, [])).verify(PURL, NAME)).verdict).toBe('verified');
      await stores.log.write(new Map([[path, bytes]]));
      expect((await (await open(stores, [])).verify(PURL, NAME)).verdict).toBe('could-not-check');
    });

    it('are not drowned out by a source that lies, which is named', async () => {
      const { stores } = await held();
      const note = await log.note();
      const liar = log.source('liar', note, undefined, (b) => ({ ...b, events: b.events.slice(1) }));
      const node = await open(stores, [liar]);
      expect((await node.verify(PURL, NAME)).verdict).toBe('verified');
      expect(node.state.refused).toMatchObject([{ source: 'liar' }]);
      expect((await node.verify(OTHER)).verdict).toBe('mismatch');
    });

    it('go with the bytes, but not while another version needs them', async () => {
      const { stores, node } = await held();
      await node.fetch(TWIN, NAME);
      await node.fetch(OTHER, OTHER_NAME);
      expect(await isKept(stores, TWIN)).toBe(true);
      const artifact = (await node.find(PURL))?.record.artifacts[0];
      if (artifact === undefined) throw new Error('the version has an artifact');
      await node.remove(artifact);
      for (const purl of [PURL, TWIN]) expect(await isKept(stores, purl)).toBe(false);
      expect(await stores.log.read(keptLookupPath(rootOf(artifact)))).toBeUndefined();
      expect(await isKept(stores, OTHER)).toBe(true);
    });

    it.runIf(evicts)('go with bytes that make room for others', async () => {
      let quota: number | undefined;
      const { stores, node } = await held(() => quota);
      quota = (await stores.artifacts.usage()) * 1.5;
      expect((await node.fetch(OTHER, OTHER_NAME)).verdict).toBe('verified');
      expect(await isKept(stores, PURL)).toBe(false);
      expect(await isKept(stores, OTHER)).toBe(true);
    });

    it('are not kept of what was never had', async () => {
      const { stores } = await make(() => undefined);
      const node = await open(stores, [source]);
      expect((await node.verify(PURL, NAME)).verdict).toBe('could-not-check');
      await node.verifyContent(PURL, NAME, {
        kind: 'bytes',
        async *chunks() {
          yield pack.content;
        },
      });
      expect(await isKept(stores, PURL)).toBe(false);
    });
  });
}
