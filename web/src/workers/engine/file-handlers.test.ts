import { describe, expect, it } from 'vitest';
import { realClock } from '@assay/core/clock.fixture.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { MemoryAnchorStore } from '@assay/core/node/stores.ts';
import { network, TestLog, verifySignature } from '@assay/core/node/test-log.fixture.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { CREATED, makeNetwork } from '@assay/core/records/network.fixture.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { finderOf } from '@assay/core/swarm/sources.fixture.ts';
import { formatEvidenceFile } from '@assay/core/verify/evidence-file.ts';
import type { FileProgress } from '../../lib/node/file-api.ts';
import { fileHandlers } from './file-handlers.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) >>> 8);
const file = new Blob([content]);

async function nodeOf(log: TestLog): Promise<VerifiedNode> {
  const source = log.source('honest', await log.note());
  const node = await VerifiedNode.open({
    trust: log.trust,
    stores: {
      log: new MemoryLogStore(),
      artifacts: new MemoryArtifactStore(realClock),
      anchors: new MemoryAnchorStore(),
    },
    clock: { ...realClock, now: () => CREATED + 2000 },
    verifySignature,
    logSources: () => [source],
    finder: finderOf(),
  });
  await node.sync();
  return node;
}

const log = await TestLog.create(network);
await log.addPackage(PURL, content, NAME);
const node = await nodeOf(log);
const handlers = fileHandlers(() => Promise.resolve(node), realClock);

const heard: FileProgress[] = [];
const context = (signal = new AbortController().signal) => ({
  signal,
  news: (progress: FileProgress) => void heard.push(progress),
});
const exported = async (from: VerifiedNode): Promise<Blob> =>
  new Blob([formatEvidenceFile(await from.evidenceFor(PURL), { exportedAt: 0 })]);

describe('a file from this device', () => {
  it('is hashed, found and compared, with progress, in chunks', async () => {
    heard.length = 0;
    const check = await handlers.verifyFile({ file, name: 'renamed', purl: undefined }, context());
    expect(check).toMatchObject({ size: 3_000_000, sha256: toHex(sha256(content)), namesakes: [] });
    expect(check.verification.verdict).toBe('verified');
    expect(check.recorded).toMatchObject([{ purl: PURL, index: 2, held: false }]);
    expect(new Set(heard.map(({ phase }) => phase))).toEqual(new Set(['hashing', 'comparing']));
    expect(heard.at(0)?.done).toBeLessThan(3_000_000);
    expect(heard.at(-1)).toMatchObject({ phase: 'comparing', done: 3_000_000, size: 3_000_000 });
  });

  it('is not in the log when it was changed, until it is said what it should be', async () => {
    const changed = new Blob([content.with(0, 1)]);
    const unknown = await handlers.verifyFile({ file: changed, name: NAME, purl: undefined }, context());
    expect(unknown.verification.verdict).toBe('not-in-log');
    expect(unknown.namesakes).toMatchObject([{ purl: PURL }]);
    const named = await handlers.verifyFile({ file: changed, name: NAME, purl: PURL }, context());
    expect(named.verification.verdict).toBe('mismatch');
  });

  it('is let go of when nobody waits for the answer', async () => {
    const stop = new AbortController();
    const checked = handlers.verifyFile({ file, name: NAME, purl: undefined }, context(stop.signal));
    stop.abort();
    await expect(checked).rejects.toMatchObject({ code: 'E_ABORTED' });
  });
});

describe('an evidence file', () => {
  it('is checked with its file and without', async () => {
    const evidence = await exported(node);
    const alone = await handlers.verifyEvidence({ evidence, about: undefined }, context());
    expect(alone).toMatchObject({ verdict: 'could-not-check', purl: PURL });
    const about = { file, name: 'renamed' };
    expect((await handlers.verifyEvidence({ evidence, about }, context())).verdict).toBe('verified');
    const other = { file: new Blob(['x']), name: NAME };
    expect((await handlers.verifyEvidence({ evidence, about: other }, context())).verdict).toBe('mismatch');
  });

  it('of another network, or none at all, is refused', async () => {
    const strange = await TestLog.create(makeNetwork(4, {}, 'strange'));
    await strange.addPackage(PURL, content, NAME);
    const foreign = await exported(await nodeOf(strange));
    await expect(
      handlers.verifyEvidence({ evidence: foreign, about: undefined }, context()),
    ).rejects.toMatchObject({ code: 'E_EVIDENCE_NETWORK' });
    const tooLarge = new Blob([new Uint8Array(8 * 1024 * 1024 + 1)]);
    for (const evidence of [new Blob(['{}']), new Blob(['']), tooLarge]) {
      await expect(handlers.verifyEvidence({ evidence, about: undefined }, context())).rejects.toMatchObject({
        code: expect.stringMatching(/^E_/) as string,
      });
    }
  });
});

describe('a digest', () => {
  it('leads to the versions that hold it', async () => {
    const found = await handlers.findDigest(toHex(sha256(content)), context() as never);
    expect(found).toMatchObject({ versions: [{ purl: PURL }], searched: 4, whole: true });
    expect(await handlers.findDigest('00'.repeat(32), context() as never)).toMatchObject({ versions: [] });
    await expect(handlers.findDigest('no hex', context() as never)).rejects.toMatchObject({ code: 'E_HEX' });
  });
});
