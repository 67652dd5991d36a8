import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import type { LookupBundle } from '../lookup/bundle.ts';
import type { LogSource } from '../net/sources.ts';
import { CREATED } from '../records/network.fixture.ts';
import { createNpmRegistry } from '../registry/npm.ts';
import { nodePackages } from '../registry/node-packages.ts';
import { OpenPackages } from '../registry/open-packages.ts';
import { MemoryArtifactStore } from '../swarm/memory-artifact-store.ts';
import { fakeMirror, finderOf, samplePack } from '../swarm/sources.fixture.ts';
import { formatEvidenceFile, parseEvidenceFile } from '../verify/evidence-file.ts';
import { statesOf } from '../verify/evidence.fixture.ts';
import { rungSentence, verdictSentence } from '../verify/sentences.ts';
import { checkFile } from './check-file.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, TestLog, verifySignature } from './test-log.fixture.ts';
import { VerifiedNode } from './verified-node.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const ABSENT = 'pkg:npm/sample@9.0.0';
const pack = await samplePack(40_000);

const log = await TestLog.create();
await log.addPackage(PURL, pack.content, NAME);
await log.addPackage('pkg:npm/sample@1.1.0', utf8('another'), 'sample-1.1.0.tgz');
await log.addPackage('pkg:npm/other@1.0.0', utf8('other'), 'other-1.0.0.tgz');
const honest = log.source('honest', await log.note());
const lying = async (change: (bundle: LookupBundle) => LookupBundle) =>
  log.source('liar', await log.note(), undefined, change);

async function open(...sources: readonly LogSource[]): Promise<VerifiedNode> {
  const node = await VerifiedNode.open({
    mode: 'light',
    trust: network.trust,
    stores: {
      log: new MemoryLogStore(),
      artifacts: new MemoryArtifactStore(realClock),
      anchors: new MemoryAnchorStore(),
    },
    clock: { ...realClock, now: () => CREATED + 2000 },
    verifySignature,
    logSources: () => sources,
    finder: finderOf(fakeMirror('mirror', pack)),
  });
  await node.sync();
  return node;
}

describe('a light node', () => {
  it('fetches, verifies and hands out an artifact without reading an entry of the log', async () => {
    const node = await open(honest);
    const verification = await node.fetch(PURL, NAME);
    expect(verification.verdict).toBe('verified');
    const { chunks } = unwrap(await node.readVerified(PURL, NAME));
    expect(concatBytes(...(await collect(chunks())))).toEqual(pack.content);
    const inclusion = verification.rungs.find(({ id }) => id === 'inclusion');
    expect(inclusion && rungSentence(inclusion)).toContain('Proven by the map of packages');
    expect(node.mode).toBe('light');
    expect(node.log.size).toBe(0);
    expect(node.state.size).toBe(log.size);
    expect(honest.asked.filter((path) => path.startsWith('tile'))).toEqual([]);
  });

  it('lists all versions of a package and proves what is not there', async () => {
    const node = await open(honest);
    expect((await node.versions('sample')).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
    expect(await node.versions('unknown')).toEqual([]);
    expect(await node.find(ABSENT)).toBeUndefined();
    expect(node.provesAbsence).toBe(true);
    const verification = await node.verify(ABSENT);
    expect(verification.verdict).toBe('not-in-log');
    expect(verdictSentence(verification)).toContain(
      'Proven by the map of packages, which has 2 other records',
    );
  });

  it('shows what is wrong with the only answer it has, and says nothing of what it has none for', async () => {
    const liar = await open(await lying((b) => ({ ...b, events: b.events.slice(1) })));
    const refused = await liar.verify(PURL, NAME);
    expect(refused.verdict).toBe('mismatch');
    expect(statesOf(refused, 'fail')).toEqual(['inclusion']);
    await expect(liar.versions('sample')).rejects.toMatchObject({ code: 'E_SYNC_REFUSED' });
    await expect(liar.find(PURL)).rejects.toMatchObject({ code: 'E_SYNC_REFUSED' });
    expect(liar.state.refused).toMatchObject([{ source: 'liar', error: { code: 'E_TRIE_PROOF' } }]);
    const offline = await open();
    expect((await offline.verify(PURL, NAME)).verdict).toBe('could-not-check');
    await expect(offline.find(PURL)).rejects.toMatchObject({ code: 'E_SYNC_NO_SOURCE' });
  });

  it('goes by the first source that is right', async () => {
    const node = await open(await lying((b) => ({ ...b, events: [] })), honest);
    expect((await node.fetch(PURL, NAME)).verdict).toBe('verified');
    expect((await node.verify(ABSENT)).verdict).toBe('not-in-log');
    expect(node.state.refused.map(({ source }) => source)).toEqual(['liar']);
  });

  it('writes evidence that others check offline', async () => {
    const node = await open(honest);
    await node.fetch(PURL, NAME);
    const evidence = await node.evidenceFor(PURL, NAME);
    const json = formatEvidenceFile(evidence, { exportedAt: 0 });
    const reader = await open();
    const verification = await reader.verifyEvidence(unwrap(parseEvidenceFile(json, network.trust)));
    expect(statesOf(verification, 'missing')).toEqual(['bytes', 'blocks']);
  });

  it('checks a file against the version it is said to be, and claims nothing of one that is only bytes', async () => {
    const node = await open(honest);
    const file = {
      name: NAME,
      async *chunks() {
        yield pack.content;
      },
    };
    expect((await checkFile(node, file, { purl: PURL })).verification.verdict).toBe('verified');
    const unknown = await checkFile(node, file);
    expect(unknown.recorded).toEqual([]);
    expect(unknown.verification.verdict).toBe('could-not-check');
  });

  it('answers package clients: versions, 404 only for what is proven to be absent, 503 for the rest', async () => {
    const statusOf = async (node: VerifiedNode, path: string) => {
      const packages = nodePackages(node, () => CREATED + 2000);
      const { handle } = createNpmRegistry(packages, new OpenPackages(packages));
      const response = await handle(new Request(`http://localhost/registry/npm/${path}`));
      return [response.status, await response.json()] as const;
    };
    const node = await open(honest);
    const [status, document] = await statusOf(node, 'sample');
    expect(status).toBe(200);
    expect(Object.keys((document as { versions: object }).versions)).toEqual(['1.1.0', '1.0.0']);
    expect((await statusOf(node, 'unknown'))[0]).toBe(404);
    expect((await statusOf(await open(), 'unknown'))[0]).toBe(503);
    expect((await statusOf(await open(await lying((b) => ({ ...b, steps: [] }))), 'unknown'))[0]).toBe(503);
  });
});
