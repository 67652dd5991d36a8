import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import type { LogSource } from '../net/sources.ts';
import { CREATED } from '../records/network.fixture.ts';
import { MemoryArtifactStore } from '../swarm/memory-artifact-store.ts';
import { finderOf } from '../swarm/sources.fixture.ts';
import { formatEvidenceFile, parseEvidenceFile } from '../verify/evidence-file.ts';
import { verdictSentence } from '../verify/sentences.ts';
import type { Evidence } from '../verify/types.ts';
import { checkFile, type FileProgress, type FileUnderTest } from './check-file.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, TestLog, verifySignature } from './test-log.fixture.ts';
import { VerifiedNode } from './verified-node.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const CONTENT = new Uint8Array(5000).fill(7);

const log = await TestLog.create();
await log.addPackage(PURL, CONTENT, NAME);
await log.addPackage('pkg:npm/twin@1.0.0', CONTENT, 'twin-1.0.0.tgz');
const honest = log.source('honest', await log.note());

async function open(...logSources: LogSource[]): Promise<VerifiedNode> {
  const node = await VerifiedNode.open({
    trust: network.trust,
    stores: {
      log: new MemoryLogStore(),
      artifacts: new MemoryArtifactStore(realClock),
      anchors: new MemoryAnchorStore(),
    },
    clock: { ...realClock, now: () => CREATED + 2000 },
    verifySignature,
    logSources: () => logSources,
    finder: finderOf(),
  });
  await node.sync();
  return node;
}

function file(name: string, ...chunks: readonly Uint8Array[]): FileUnderTest {
  return {
    name,
    async *chunks() {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    },
  };
}

const node = await open(honest);
const changed = CONTENT.with(4999, 8);

describe('checkFile', () => {
  it('finds the record of a file by its bytes, whatever the file is called', async () => {
    const findings = await checkFile(
      node,
      file('renamed', CONTENT.subarray(0, 3000), CONTENT.subarray(3000)),
    );
    expect(findings.verification).toMatchObject({ verdict: 'verified', purl: 'pkg:npm/twin@1.0.0' });
    expect(findings).toMatchObject({ size: 5000, sha256: sha256(CONTENT), namesakes: [] });
    expect(findings.recorded.map(({ name }) => name)).toEqual(['twin', 'sample']);
  });

  it('checks the version asked for, though another has the same bytes', async () => {
    const { verification } = await checkFile(node, file('renamed', CONTENT), { purl: PURL });
    expect(verification).toMatchObject({ verdict: 'verified', purl: PURL, artifact: NAME });
  });

  it('finds a changed file nowhere, and names the version that has a file of this name', async () => {
    const { verification, recorded, namesakes } = await checkFile(node, file(NAME, changed));
    expect(verification).toMatchObject({ verdict: 'not-in-log', purl: `sha256:${toHex(sha256(changed))}` });
    expect(verdictSentence(verification)).toMatch(/^None of the 6 entries .* records sha256:[0-9a-f]{64}\.$/);
    expect(recorded).toEqual([]);
    expect(namesakes.map(({ name }) => name)).toEqual(['sample']);
  });

  it('finds the mismatch of a changed file with the version it is said to be', async () => {
    const { verification } = await checkFile(node, file('x', changed), { purl: PURL });
    expect(verification.verdict).toBe('mismatch');
    expect(verification.rungs[0]).toMatchObject({ state: 'fail', error: { code: 'E_CONTENT_DIGEST' } });
  });

  it('says that a version asked for is not in the log', async () => {
    const { verification } = await checkFile(node, file('x', changed), { purl: 'pkg:npm/other@1.0.0' });
    expect(verification).toMatchObject({ verdict: 'not-in-log', purl: 'pkg:npm/other@1.0.0' });
  });

  it('takes an empty file for what it is', async () => {
    const { verification, size } = await checkFile(node, file('empty'));
    expect([verification.verdict, size]).toEqual(['not-in-log', 0]);
  });

  it('could not check an unknown file while no log is synced', async () => {
    const { verification } = await checkFile(await open(), file('x', CONTENT));
    expect(verification.verdict).toBe('could-not-check');
  });

  it('tells how far it is, reading twice only what is recorded', async () => {
    const progress: FileProgress[] = [];
    const onProgress = (step: FileProgress): number => progress.push(step);
    await checkFile(node, file('x', utf8('ab'), utf8('c')), { onProgress });
    expect(progress).toEqual([
      { phase: 'hashing', done: 2 },
      { phase: 'hashing', done: 3 },
    ]);
    await checkFile(node, file('x', CONTENT), { onProgress });
    expect(progress.slice(2).map(({ phase }) => phase)).toEqual(['hashing', 'comparing']);
  });

  it.each(['hashing', 'comparing'] as const)('stops when asked to while %s', async (phase) => {
    const stop = new AbortController();
    const checked = checkFile(node, file('x', CONTENT.subarray(0, 9), CONTENT.subarray(9)), {
      signal: stop.signal,
      onProgress: (step) => step.phase === phase && stop.abort(),
    });
    await expect(checked).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  it('says that a file cannot be read', async () => {
    const chunks = (): AsyncIterable<Uint8Array> => {
      throw new TypeError('gone');
    };
    await expect(checkFile(node, { name: 'x', chunks })).rejects.toMatchObject({
      code: 'E_CONTENT_UNREADABLE',
    });
  });
});

describe('evidence from elsewhere', () => {
  const exported = async (from: VerifiedNode): Promise<Evidence> => {
    const text = formatEvidenceFile(await from.evidenceFor(PURL), { exportedAt: 0 });
    const evidence = unwrap(parseEvidenceFile(text, network.trust));
    return {
      ...evidence,
      artifact: { name: NAME, content: { kind: 'bytes', chunks: file(NAME, CONTENT).chunks } },
    };
  };
  const history = 5;

  it('is held to the history of this node, also when it is older', async () => {
    const grown = await TestLog.create();
    await grown.addPackage(PURL, CONTENT, NAME);
    const older = await exported(await open(grown.source('before', await grown.note())));
    await grown.addVersions(['pkg:npm/more@1.0.0']);
    const newer = await open(grown.source('after', await grown.note()));
    const verification = await newer.verifyEvidence(older);
    expect(verification.verdict).toBe('verified');
    expect(verification.rungs[history]?.fields).toEqual({ size: 4, previous: 6 });
  });

  it('of another history is a mismatch, though a quorum signed it', async () => {
    const other = await TestLog.create();
    await other.addVersions(['pkg:npm/evil@1.0.0']);
    await other.addPackage(PURL, CONTENT, NAME);
    const verification = await node.verifyEvidence(
      await exported(await open(other.source('x', await other.note()))),
    );
    expect(verification.verdict).toBe('mismatch');
    expect(verification.rungs[history]).toMatchObject({ state: 'fail', error: { code: 'E_CONSISTENCY' } });
  });

  it('of a later view stands for itself', async () => {
    const unsynced = await open();
    expect((await unsynced.verifyEvidence(await exported(node))).verdict).toBe('verified');
  });
});
