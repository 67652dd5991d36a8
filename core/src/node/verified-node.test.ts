import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { ArtifactSource, LogSource } from '../net/sources.ts';
import { CREATED, makeProposal, makeTransaction } from '../records/network.fixture.ts';
import { checkAdd } from '../records/check-transaction.ts';
import { MemoryArtifactStore } from '../swarm/memory-artifact-store.ts';
import { fakeMirror, finderOf, samplePack } from '../swarm/sources.fixture.ts';
import { formatEvidenceFile, parseEvidenceFile } from '../verify/evidence-file.ts';
import { rungSentence } from '../verify/sentences.ts';
import type { Verification } from '../verify/types.ts';
import { verify } from '../verify/verify.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, TestLog, verifySignature } from './test-log.fixture.ts';
import { VerifiedNode } from './verified-node.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const now = CREATED + 2000;
const pack = await samplePack(40_000);
const mirror = fakeMirror('mirror', pack);

interface Setup {
  readonly logSources?: readonly LogSource[];
  readonly artifactSources?: readonly ArtifactSource[];
  readonly at?: number;
}

async function open(
  setup: Setup,
): Promise<{ node: VerifiedNode; store: MemoryArtifactStore; held: string[] }> {
  const store = new MemoryArtifactStore(realClock);
  const held: string[] = [];
  const node = await VerifiedNode.open({
    trust: network.trust,
    stores: { log: new MemoryLogStore(), artifacts: store, anchors: new MemoryAnchorStore() },
    clock: { ...realClock, now: () => setup.at ?? now },
    verifySignature,
    logSources: () => setup.logSources ?? [],
    finder: finderOf(...(setup.artifactSources ?? [mirror])),
    onHeld: (root, isHeld) => held.push(`${isHeld ? '+' : '-'}${toHex(root).slice(0, 4)}`),
  });
  await node.sync();
  return { node, store, held };
}

const log = await TestLog.create();
const record = await log.addPackage(PURL, pack.content, NAME);
const honest = log.source('honest', await log.note());

const failing = ({ rungs }: Verification): string[] =>
  rungs.filter(({ state }) => state === 'fail').map(({ id }) => id);
const missing = ({ rungs }: Verification): string[] =>
  rungs.filter(({ state }) => state === 'missing').map(({ id }) => id);

describe('VerifiedNode', () => {
  it('fetches, verifies, stores, announces and hands out an artifact', async () => {
    const { node, store, held } = await open({ logSources: [honest] });
    expect(await node.readVerified(PURL, NAME)).toMatchObject({ ok: false, error: { code: 'E_NOT_HELD' } });
    const verification = await node.fetch(PURL, NAME);
    expect(verification.verdict).toBe('verified');
    expect(await store.has(pack.description.root)).toBe(true);
    const { chunks } = unwrap(await node.readVerified(PURL, NAME));
    expect(concatBytes(...(await collect(chunks())))).toEqual(pack.content);
    const [artifact] = record.artifacts;
    if (artifact !== undefined) await node.remove(artifact);
    expect(await store.list()).toEqual([]);
    expect(held.map((event) => event[0])).toEqual(['+', '-']);
  });

  it('takes no verdict on one version for a verdict on another with the same bytes', async () => {
    const twins = await TestLog.create();
    await twins.addPackage(PURL, pack.content, NAME);
    const twin = 'pkg:npm/twin@1.0.0';
    const { provenance } = await twins.addPackage(twin, pack.content, NAME);
    const hidden = `evidence/${toHex(provenance.evidence)}`;
    const source = twins.source('hides', await twins.note(), (path, bytes) =>
      path === hidden ? new AssayError('E_NOT_FOUND', { what: path }) : bytes,
    );
    const { node } = await open({ logSources: [source] });
    const [first, second] = await Promise.all([node.fetch(PURL, NAME), node.fetch(twin, NAME)]);
    expect(first).toMatchObject({ purl: PURL, verdict: 'verified' });
    expect(second).toMatchObject({ purl: twin, verdict: 'could-not-check' });
    expect(missing(second)).toContain('agreement');
    expect(await node.readVerified(PURL, NAME)).toMatchObject({ ok: true });
    expect(await node.readVerified(twin, NAME)).toMatchObject({
      ok: false,
      error: { code: 'E_NOT_VERIFIED' },
    });
  });

  it('exports evidence that comes to the same findings elsewhere, without the bytes', async () => {
    const { node } = await open({ logSources: [honest] });
    await node.fetch(PURL, NAME);
    const json = formatEvidenceFile(await node.evidenceFor(PURL, NAME), { exportedAt: now });
    const evidence = unwrap(parseEvidenceFile(json, network.trust));
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(pack.content);
    };
    const ports = { verifySignature, now: () => now, elapsed: () => 0 };
    const withFile = { ...evidence, artifact: { name: NAME, content: { kind: 'bytes' as const, chunks } } };
    expect((await verify(withFile, ports)).verdict).toBe('verified');
    expect(missing(await verify(evidence, ports))).toEqual(['bytes', 'blocks']);
  });

  it('says of a version without bytes which rungs are missing', async () => {
    const { node } = await open({ logSources: [honest] });
    const verification = await node.verify(PURL);
    expect(verification).toMatchObject({ verdict: 'could-not-check', artifact: NAME, index: 2 });
    expect(missing(verification)).toEqual(['bytes', 'blocks']);
  });

  it('says that a version is not in the log, and does not look for it', async () => {
    const { node } = await open({ logSources: [honest] });
    expect((await node.fetch('pkg:npm/other@1.0.0', NAME)).verdict).toBe('not-in-log');
    expect(node.isWhole).toBe(true);
    await expect(node.fetch(PURL, 'other.tgz')).rejects.toMatchObject({ code: 'E_ARTIFACT_UNKNOWN' });
  });

  it('calls an old view stale, with the bytes verified all the same', async () => {
    const { node } = await open({ logSources: [honest], at: CREATED + 1000 + 3 * 86_400 });
    const verification = await node.fetch(PURL, NAME);
    expect(verification).toMatchObject({
      verdict: 'verified-stale',
      checkpoint: { freshAsOf: CREATED + 1000 },
    });
  });

  it('shows the rung that failed when nobody has a good checkpoint', async () => {
    const few = log.source('few', await log.note({ cosigners: [0, 1] }));
    const { node } = await open({ logSources: [few] });
    const verification = await node.verify(PURL, NAME);
    expect(verification.verdict).toBe('mismatch');
    expect(failing(verification)).toEqual(['quorum']);
    expect(node.state.refused).toMatchObject([
      { source: 'few', rung: 'quorum', error: { code: 'E_QUORUM' } },
    ]);
    expect(node.isWhole).toBe(false);
  });

  it('could not check when all mirrors lie, and keeps nothing readable', async () => {
    const { node, store, held } = await open({
      logSources: [honest],
      artifactSources: [fakeMirror('liar', pack, { corruptFrom: 0 })],
    });
    const verification = await node.fetch(PURL, NAME);
    expect(verification.verdict).toBe('could-not-check');
    const blocks = verification.rungs.find(({ id }) => id === 'blocks');
    expect(blocks).toMatchObject({ state: 'missing', error: { code: 'E_ALL_SOURCES_FAILED' } });
    expect(await store.has(pack.description.root)).toBe(false);
    expect(held).toEqual([]);
  });

  it('finds a mismatch when the authorities signed another digest, and deletes the bytes', async () => {
    const bad = await TestLog.create();
    const proposal = makeProposal(PURL, pack.content, NAME);
    const artifacts = proposal.artifacts.map((artifact) => ({ ...artifact, sha256: sha256(utf8('other')) }));
    const transaction = makeTransaction(network, { ...proposal, artifacts }, [0, 1, 2]);
    const { trust } = network;
    const checked = unwrap(checkAdd(transaction, { trust, set: trust.current }, verifyEd25519));
    await bad.store.write(new Map([[`evidence/${toHex(sha256(checked.evidence))}`, checked.evidence]]));
    await bad.addRecords(checked.records);
    const { node, store } = await open({ logSources: [bad.source('x', await bad.note())] });
    const verification = await node.fetch(PURL, NAME);
    expect(verification.verdict).toBe('mismatch');
    expect(failing(verification)).toEqual(['bytes']);
    expect(await store.list()).toEqual([]);
  });

  it('keeps the blocks but hands out nothing while the attestations cannot be had', async () => {
    let reachable = false;
    const hiding = log.source('hiding', await log.note(), (path, bytes) =>
      path.startsWith('evidence/') && !reachable ? new AssayError('E_TIMEOUT', { seconds: 1 }) : bytes,
    );
    const sent: number[] = [];
    const counting = fakeMirror('mirror', pack, { onSend: (index) => sent.push(index) });
    const { node, store } = await open({ logSources: [hiding], artifactSources: [counting] });
    const first = await node.fetch(PURL, NAME);
    expect([first.verdict, missing(first)]).toEqual(['could-not-check', ['agreement']]);
    expect(await store.has(pack.description.root)).toBe(false);
    expect(await node.unfinished()).toMatchObject([{ purl: PURL, name: NAME }]);
    reachable = true;
    const before = sent.length;
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
    expect(sent).toHaveLength(before);
  });

  it('refuses evidence that is not the one the record names', async () => {
    const forging = log.source('forging', await log.note(), (path, bytes) =>
      path.startsWith('evidence/') ? bytes.map((byte) => byte ^ 1) : bytes,
    );
    const { node } = await open({ logSources: [forging, honest] });
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
  });

  it('joins a second fetch of the same artifact to the first, and stops when nobody waits', async () => {
    const sent: number[] = [];
    const slow = fakeMirror('mirror', pack, {
      clock: realClock,
      msPerBlock: 20,
      onSend: (i) => sent.push(i),
    });
    const { node } = await open({ logSources: [honest], artifactSources: [slow] });
    const impatient = new AbortController();
    const first = node.fetch(PURL, NAME, { signal: impatient.signal });
    const second = node.fetch(PURL, NAME);
    impatient.abort();
    await expect(first).rejects.toMatchObject({ code: 'E_ABORTED' });
    expect((await second).verdict).toBe('verified');
    expect(sent).toHaveLength(pack.blocks.length);
  });

  it('goes on at once after a fetch was stopped', async () => {
    const slow = fakeMirror('mirror', pack, { clock: realClock, msPerBlock: 20 });
    const { node } = await open({ logSources: [honest], artifactSources: [slow] });
    const controller = new AbortController();
    const stopped = node.fetch(PURL, NAME, {
      signal: controller.signal,
      onProgress: ({ phase }) => phase === 'receiving' && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'E_ABORTED' });
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
  });

  it.each([0, 2])('fails the history of every version above a fork (%s batches larger)', async (more) => {
    const other = await TestLog.create();
    await other.addVersions(['pkg:npm/evil@1.0.0']);
    for (let i = 0; i < more; i++) await other.addVersions([`pkg:npm/more@1.0.${i}`]);
    const logSources = [honest];
    const { node } = await open({ logSources });
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
    logSources.splice(0, 1, other.source('other', await other.note()) as typeof honest);
    expect(await node.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
    const verification = await node.verify(PURL, NAME);
    expect([verification.verdict, failing(verification)]).toEqual(['mismatch', ['history']]);
    expect(await node.readVerified(PURL, NAME)).toMatchObject({
      ok: false,
      error: { code: 'E_NOT_VERIFIED' },
    });
    expect(node.isWhole).toBe(false);
  });

  it.each([0, 2])(
    'goes on with what two histories have in common, and says so (%s batches larger)',
    async (more) => {
      const [ours, theirs] = [await TestLog.create(), await TestLog.create()];
      for (const log of [ours, theirs]) await log.addPackage(PURL, pack.content, NAME);
      await ours.addPackage('pkg:npm/ours@1.0.0', pack.content, NAME);
      await theirs.addPackage('pkg:npm/theirs@1.0.0', pack.content, NAME);
      for (let i = 0; i < more; i++) await theirs.addVersions([`pkg:npm/more@1.0.${i}`]);
      const logSources = [ours.source('ours', await ours.note())];
      const { node } = await open({ logSources });
      expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
      logSources.splice(0, 1, theirs.source('theirs', await theirs.note()));
      const stopped = await node.sync();
      expect(stopped).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
      expect(stopped.ok ? '' : stopped.error.message).toContain('cannot both be true');
      const below = await node.verify(PURL, NAME);
      expect(below.verdict).toBe('verified');
      const history = below.rungs.find(({ id }) => id === 'history');
      expect(history && rungSentence(history)).toContain('in both, among the first 4 entries');
      expect((await node.readVerified(PURL, NAME)).ok).toBe(true);
      expect(failing(await node.verify('pkg:npm/ours@1.0.0', NAME))).toContain('history');
    },
  );
});
