import { beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../errors/result.ts';
import { leafHash } from '../log/merkle.ts';
import { attest, attestFailure, makeNetwork, makeProposal } from '../records/network.fixture.ts';
import {
  blocksContent,
  bytesContent,
  clsx,
  failsOf,
  fileOf,
  SIGNED_AT,
  someFile,
  statesOf,
  TestLog,
  threePackages,
} from './evidence.fixture.ts';
import { ports } from './ports.fixture.ts';
import type { ArtifactContent, Evidence, RungId } from './types.ts';
import { verify } from './verify.ts';

const rungIds: readonly RungId[] = [
  'bytes',
  'blocks',
  'record',
  'inclusion',
  'quorum',
  'history',
  'agreement',
];

const { purl, name, file } = clsx;

let log: TestLog;
let evidence: Evidence;

beforeAll(async () => {
  ({ log, evidence } = await threePackages());
});

async function check(changes: Partial<Evidence>, portChanges: Partial<typeof ports> = {}) {
  return await verify({ ...evidence, ...changes }, { ...ports, ...portChanges });
}

describe('untouched evidence', () => {
  it('is verified, every rung', async () => {
    const verification = await verify(evidence, ports);
    expect(verification.verdict).toBe('verified');
    expect(statesOf(verification, 'pass')).toEqual(rungIds);
    expect(verification).toMatchObject({ purl, artifact: name, index: 4 });
    expect(verification.checkpoint).toMatchObject({ size: 8, freshAsOf: SIGNED_AT });
    expect(verification.builders?.map(({ outcome }) => outcome)).toEqual([
      'agreed',
      'agreed',
      'agreed',
      'agreed',
    ]);
    for (const { raw } of verification.rungs)
      expect(new Set(raw.map(({ label }) => label)).size).toBe(raw.length);
  });

  it('is verified from blocks as from bytes', async () => {
    const verification = await check({ artifact: fileOf(blocksContent()) });
    expect(verification.verdict).toBe('verified');
  });

  it('is stale when the (f+1)-th newest signature is older than a day, and not before', async () => {
    const day = 24 * 60 * 60;
    const at = (now: number) => check({}, { now: () => now });
    expect((await at(SIGNED_AT + day)).verdict).toBe('verified');
    expect((await at(SIGNED_AT + day + 1)).verdict).toBe('verified-stale');
    expect((await check({}, { staleAfter: 5 })).verdict).toBe('verified-stale');
  });

  it('names who dissented and what they saw, who failed and who was silent', async () => {
    const network = makeNetwork(7);
    const dissent = [
      attest(network, 1, makeProposal(purl, someFile('other', 50))),
      attestFailure(network, 6, purl),
    ];
    const seven = await TestLog.of([{ purl, content: file, agree: [0, 2, 3, 4, 5], dissent }], network);
    const content = bytesContent(file);
    const verification = await verify(
      { ...(await seven.evidence(purl)), artifact: { name, content } },
      ports,
    );
    // Only the four first authorities cosign by default, so the quorum rung fails here; agreement is judged on its own.
    expect(failsOf(verification)).toEqual(['quorum E_QUORUM']);
    const outcomes = verification.builders?.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['agreed', 'dissented', 'agreed', 'agreed', 'agreed', 'agreed', 'failed']);
    expect(verification.builders?.[1]).toMatchObject({
      name: 'borneo',
      detail: /^package\.tgz with SHA-256 [0-9a-f]{64}$/,
    });
  });
});

describe('history', () => {
  it('holds against an earlier view, the same view and a later one', async () => {
    for (const size of [2, 5, 8]) {
      expect((await check({ previous: await log.previous(size) })).verdict).toBe('verified');
    }
    const root = unwrap(await log.log.rootAt(6));
    const older = {
      size: 8,
      root: log.log.root(),
      consistency: unwrap(await log.log.consistencyProof(6, 8)),
    };
    const inclusion = unwrap(await log.log.inclusionProof(4, 6));
    const past = { checkpoint: log.checkpoint({ size: 6, root }), inclusion, previous: older };
    const verification = await check(past);
    expect(verification.verdict).toBe('verified');
    expect(verification.rungs[5]?.fields).toEqual({ size: 6, previous: 8 });
  });
});

type Omittable = 'artifact' | 'entry' | 'inclusion' | 'checkpoint' | 'agreement';

describe('something missing', () => {
  it.each<[string, Omittable[], RungId[]]>([
    ['the file', ['artifact'], ['bytes', 'blocks']],
    ['the entry', ['entry'], ['bytes', 'blocks', 'record', 'inclusion', 'agreement']],
    ['the proof', ['inclusion'], ['inclusion']],
    ['the checkpoint', ['checkpoint'], ['inclusion', 'quorum', 'history']],
    ['the attestations', ['agreement'], ['agreement']],
    ['everything', ['artifact', 'entry', 'inclusion', 'checkpoint', 'agreement'], [...rungIds]],
  ])('%s: could not check, and says which rungs', async (_, parts, expected) => {
    const partial = { ...evidence };
    for (const part of parts) delete partial[part];
    const verification = await verify(partial, ports);
    expect(verification.verdict).toBe('could-not-check');
    expect(statesOf(verification, 'missing').toSorted()).toEqual([...expected].toSorted());
    expect(statesOf(verification, 'fail')).toEqual([]);
  });

  it('a block, or a store that fails: could not check', async () => {
    const none: ArtifactContent = { kind: 'blocks', get: async () => undefined };
    const broken: ArtifactContent = { kind: 'blocks', get: () => Promise.reject(new Error('disk')) };
    const torn: ArtifactContent = {
      kind: 'bytes',
      async *chunks() {
        yield file.subarray(0, 100);
        throw new Error('disk');
      },
    };
    for (const broke of [none, broken, torn]) {
      const verification = await check({ artifact: fileOf(broke) });
      expect(verification.verdict).toBe('could-not-check');
      expect(statesOf(verification, 'missing')).toEqual(['bytes', 'blocks']);
    }
  });

  it('a signature check that fails to run never passes', async () => {
    const verification = await check({}, { verifySignature: () => Promise.reject(new Error('no crypto')) });
    expect(verification.verdict).toBe('could-not-check');
    expect(statesOf(verification, 'missing')).toEqual(['quorum', 'agreement']);
  });
});

describe('an absence', () => {
  const other = 'pkg:npm/left-pad@1.3.0';

  function absent(changes: Partial<Evidence> = {}) {
    const absence = { size: log.log.size, root: log.log.root() };
    return verify(
      { trust: log.network.trust, purl: other, checkpoint: log.checkpoint(), absence, ...changes },
      ports,
    );
  }

  it('counts under the signed checkpoint that the replay led to', async () => {
    const verification = await absent();
    expect(verification.verdict).toBe('not-in-log');
    expect(verification.rungs[2]?.error?.code).toBe('E_NOT_IN_LOG');
  });

  it('does not count under another root, another size, too few signatures or a purl that names no version', async () => {
    expect((await absent({ absence: { size: 8, root: leafHash(file) } })).verdict).toBe('could-not-check');
    expect((await absent({ absence: { size: 7, root: log.log.root() } })).verdict).toBe('could-not-check');
    expect((await absent({ checkpoint: log.checkpoint({ cosigners: [0, 1] }) })).verdict).toBe('mismatch');
    expect((await absent({ purl: 'pkg:npm/left-pad' })).verdict).toBe('could-not-check');
  });

  it('does not count while the history could not be checked', async () => {
    const conflict = { checkpoint: log.checkpoint({ time: 5 }), root: leafHash(file), consistency: [] };
    const verifySignature: typeof ports.verifySignature = (publicKey, message, signature) =>
      new TextDecoder().decode(message).includes('time 5\n')
        ? Promise.reject(new Error('no crypto'))
        : ports.verifySignature(publicKey, message, signature);
    const absence = { size: 8, root: log.log.root() };
    const partial = { trust: log.network.trust, purl: other, checkpoint: log.checkpoint(), absence };
    const verification = await verify({ ...partial, conflicts: [conflict] }, { ...ports, verifySignature });
    expect(verification.verdict).toBe('could-not-check');
    expect(verification.rungs[5]?.state).toBe('missing');
  });

  it('never outweighs a record that is shown', async () => {
    expect((await check({ absence: { size: 8, root: log.log.root() } })).verdict).toBe('verified');
  });
});
