import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readAttestation } from '@assay/core/archive/attestation.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { createClock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { decodeCapability } from '@assay/core/eris/capability.ts';
import { decodeContent } from '@assay/core/eris/decode.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import { decodeEntryBundle, entriesPath } from '@assay/core/log/tile.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { createBlockClient } from '@assay/core/net/block-protocol.ts';
import { createLookupClient } from '@assay/core/net/lookup-protocol.ts';
import { LightLog } from '@assay/core/node/light-log.ts';
import { MemoryAnchorStore } from '@assay/core/node/stores.ts';
import { protocols } from '@assay/core/protocols.ts';
import { decodeEvidenceBundle } from '@assay/core/records/agreement.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import { Cluster, MAX_ARTIFACT_BYTES } from './testing/cluster.fixture.ts';
import { FakeRegistry, fakeRelease } from './testing/fake-registry.fixture.ts';

const ALL = [0, 1, 2, 3];
const VIEWS = ['zero', 'one', 'two', 'three'];
const clock = createClock(globalThis);
const WAIT = { timeout: 20_000, interval: 100 };

// Far above what any of these takes on an idle machine.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let registry: FakeRegistry;
let cluster: Cluster;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  const limits = { answerTimeoutMs: 8_000, graceMs: 8_000, retryDelayMs: 20 };
  cluster = await Cluster.create((index) => registry.url(VIEWS[index]), limits);
  await cluster.startAll();
});
afterAll(async () => {
  await cluster.stop();
  await registry.stop();
});

/** The newest checkpoint of an authority, verified as every client does. */
async function checkpoint(index: number): Promise<VerifiedCheckpoint> {
  const note = await cluster.logSource(index).checkpoint();
  const verify = (...args: Parameters<typeof verifyEd25519Node>) =>
    Promise.resolve(verifyEd25519Node(...args));
  return unwrap(await verifyNetworkCheckpoint(note, cluster.trust, verify));
}

/** Waits until these authorities publish the same log, which holds entry `index`. */
async function sameRoots(indices: readonly number[], index: number): Promise<void> {
  await vi.waitFor(async () => {
    const heads = await Promise.all(indices.map(checkpoint));
    expect(Math.min(...heads.map(({ size }) => size))).toBeGreaterThan(index);
    expect(new Set(heads.map(({ size, root }) => `${size} ${toHex(root)}`)).size).toBe(1);
  }, WAIT);
}

/** A record out of the log files that an authority serves. */
async function record(authority: number, index: number): Promise<ArtifactAddRecord> {
  const { size } = await checkpoint(authority);
  const bundle = await cluster.logSource(authority).read(entriesPath(0, size));
  const entry = unwrap(decodeEntryBundle(bundle))[index] ?? new Uint8Array();
  const read = unwrap(decodeRecord(entry));
  if (read.kind !== 'artifact-add') throw new Error(`a ${read.kind} record`);
  return read;
}

describe('four authorities', () => {
  it('bring a requested package into one and the same log', async () => {
    registry.publish(fakeRelease('tiny', '1.0.0'));
    const progress = await cluster.settle(0, 'pkg:npm/tiny@1.0.0');
    expect(progress).toMatchObject({ state: 'in-log', agreed: 4, needed: 3, index: 2 });
    expect(progress.authorities.map(({ state }) => state)).toEqual(ALL.map(() => 'attested'));
    await sameRoots(ALL, 2);
    expect((await record(3, 2)).purl).toBe('pkg:npm/tiny@1.0.0');
  });

  it('serve the blocks of what they vouch for', async () => {
    const { artifacts } = await record(0, 2);
    const capability = unwrap(decodeCapability(artifacts[0]?.eris ?? new Uint8Array()));
    const { rootReference } = capability;
    for (const index of ALL) {
      const open = cluster.opener(index, protocols.blocks);
      const peer = createBlockClient({ id: '', label: '', open, clock });
      const get = async (reference: Uint8Array): Promise<Uint8Array | undefined> => {
        for await (const { block } of peer.readBlocks(rootReference, [reference])) return block;
        return undefined;
      };
      const content = unwrap(await decodeContent(capability, get, { size: artifacts[0]?.size ?? 0 }));
      expect(content).toEqual(fakeRelease('tiny', '1.0.0').tarball);
      expect(await get(new Uint8Array(32))).toBeUndefined();
    }
  });

  it('prove to light clients what is in the log, and what is not', async () => {
    const sources = ALL.map((index) => ({
      ...cluster.logSource(index),
      lookup: createLookupClient({ open: cluster.opener(index, protocols.lookup), clock }),
    }));
    for (const source of sources) {
      const light = await LightLog.open({
        trust: cluster.trust,
        stores: { log: new MemoryLogStore(), anchors: new MemoryAnchorStore() },
        sources: () => [source],
        verifySignature: (...args) => Promise.resolve(verifyEd25519Node(...args)),
        clock,
      });
      expect(unwrap(await light.lookup('pkg:npm/tiny@1.0.0')).event?.index).toBe(2);
      expect(unwrap(await light.lookup('pkg:npm/absent@1.0.0')).events).toEqual([]);
    }
  });

  it('know at once what is in the log, whoever asks whom', async () => {
    const again = await cluster.request(2, 'pkg:npm/tiny@1.0.0');
    expect(again).toMatchObject({ state: 'in-log', index: 2 });
  });

  it('resolve a name to its newest version', async () => {
    registry.publish(fakeRelease('@scope/name', '1.0.0'));
    registry.publish(fakeRelease('@scope/name', '1.1.0'));
    const progress = await cluster.settle(1, 'pkg:npm/%40scope/name');
    expect(progress).toMatchObject({ state: 'in-log', purl: 'pkg:npm/%40scope/name@1.1.0' });
  });

  it('keep a lone dissenter visible in the evidence', async () => {
    registry.publish(fakeRelease('split', '1.0.0'));
    registry.publish(fakeRelease('split', '1.0.0', 'export const other = 1;\n'), VIEWS[3]);
    const progress = await cluster.settle(3, 'pkg:npm/split@1.0.0');
    expect(progress).toMatchObject({ state: 'in-log', agreed: 3 });
    const digests = progress.authorities.map(({ digest }) => digest);
    expect(new Set(digests.slice(0, 3)).size).toBe(1);
    expect(digests[3]).not.toBe(digests[0]);
    const index = progress.index ?? 0;
    await sameRoots(ALL, index);
    const { provenance } = await record(0, index);
    expect(provenance.builders).toEqual(new Uint8Array([0b0111]));
    const bundle = await cluster.logSource(1).read(`evidence/${toHex(provenance.evidence)}`);
    const { agree, dissent } = unwrap(decodeEvidenceBundle(bundle));
    expect(agree).toHaveLength(3);
    const said = dissent.map((envelope) =>
      unwrap(readAttestation(envelope, cluster.trust, verifyEd25519Node)),
    );
    expect(said).toMatchObject([{ authority: 3, outcome: { kind: 'digest', proposalDigest: digests[3] } }]);
  });

  it('refuse what two of them saw otherwise, and tell who saw what', async () => {
    registry.publish(fakeRelease('torn', '1.0.0'));
    for (const view of VIEWS.slice(2)) registry.publish(fakeRelease('torn', '1.0.0', 'else'), view);
    const progress = await cluster.settle(0, 'pkg:npm/torn@1.0.0');
    expect(progress).toMatchObject({
      state: 'failed',
      agreed: 2,
      error: { code: 'E_NO_AGREEMENT', fields: { agreed: 2, needed: 3 } },
    });
    const [zero, one, two, three] = progress.authorities.map(({ digest }) => digest);
    expect([zero === one, two === three, zero === two]).toEqual([true, true, false]);
  });

  it('tell the requester why a package cannot be had', async () => {
    const lost = { ...fakeRelease('lost', '1.0.0'), integrity: `sha512-${'A'.repeat(86)}==` };
    registry.publish(lost);
    registry.publish({ ...fakeRelease('large', '1.0.0'), tarball: new Uint8Array(MAX_ARTIFACT_BYTES + 1) });
    registry.override('broken', (response) => response.writeHead(500).end());
    const codes: Record<string, string> = {
      'lost@1.0.0': 'E_UPSTREAM_INTEGRITY',
      'large@1.0.0': 'E_UPSTREAM_TOO_LARGE',
      'broken@1.0.0': 'E_UPSTREAM_STATUS',
      'absent@1.0.0': 'E_UPSTREAM_NO_PACKAGE',
      'tiny@9.9.9': 'E_UPSTREAM_NO_VERSION',
      absent: 'E_UPSTREAM_NO_PACKAGE',
    };
    const names = Object.keys(codes);
    const outcomes = await Promise.all(names.map((name, at) => cluster.settle(at % 4, `pkg:npm/${name}`)));
    const told = outcomes.map(({ error }, at) => [names[at], error?.code]);
    expect(Object.fromEntries(told)).toEqual(codes);
    expect(outcomes[0]?.authorities.map(({ error }) => error?.code)).toEqual(
      ALL.map(() => 'E_UPSTREAM_INTEGRITY'),
    );
  });

  it('take a package on a new request that failed before', async () => {
    registry.publish(fakeRelease('lost', '1.0.0'));
    await vi.waitFor(
      async () => expect((await cluster.settle(2, 'pkg:npm/lost@1.0.0')).state).toBe('in-log'),
      { timeout: 10_000, interval: 1_000 },
    );
  });

  it('refuse requests that are forged, old, or for nobody', async () => {
    const signed = await cluster.signed('pkg:npm/tiny@1.0.0');
    const desk = cluster.client(0);
    const refusals = [
      { request: { ...signed, at: signed.at + 1 }, code: 'E_REQUEST_SIGNATURE' },
      { request: { ...signed, networkId: new Uint8Array(32) }, code: 'E_REQUEST_NETWORK' },
      { request: await cluster.signed('pkg:npm/tiny@1.0.0', { at: 1 }), code: 'E_REQUEST_TIME' },
      { request: await cluster.signed('pkg:npm/Ti%6Ey@1.0.0'), code: 'E_PURL_NOT_CANONICAL' },
      { request: await cluster.signed('pkg:cargo/tiny@1.0.0'), code: 'E_PURL_TYPE' },
    ];
    for (const { request, code } of refusals) {
      await expect(desk.submit(request)).rejects.toMatchObject({ code });
    }
    const unknown = desk.follow('00')[Symbol.asyncIterator]();
    await expect(unknown.next()).rejects.toMatchObject({ code: 'E_REQUEST_UNKNOWN' });
  });

  it('live through garbage on every protocol', async () => {
    const garbage = [[0, 0, 0, 0], [255, 255, 255, 255, 1], [7], [0, 0, 0, 1, 0], [0, 0, 0, 2, 0xff, 0xff]];
    for (const protocol of Object.values(protocols)) {
      for (const bytes of garbage) {
        const signal = AbortSignal.timeout(2_000);
        const stream = await cluster
          .opener(
            0,
            protocol,
          )(signal)
          .catch(() => undefined);
        if (stream?.status !== 'open') continue;
        const closed = once(stream, 'close');
        stream.send(new Uint8Array(bytes));
        await stream.close().catch(() => undefined);
        await closed;
      }
    }
    expect((await cluster.status(0)).name).toBe('ayla');
    registry.publish(fakeRelease('after-garbage', '1.0.0'));
    expect((await cluster.settle(0, 'pkg:npm/after-garbage@1.0.0')).agreed).toBe(4);
  });
});

describe('with one authority killed', () => {
  it('while it fetches, the others finish; back again it catches up', async () => {
    registry.publish(fakeRelease('fetching', '1.0.0'));
    const release = registry.hold();
    const { id } = await cluster.request(0, 'pkg:npm/fetching@1.0.0');
    await vi.waitFor(() => expect(registry.requests).toContain('three/fetching'), WAIT);
    await cluster.kill(3);
    release();
    const progress = await cluster.outcome(0, id);
    expect(progress).toMatchObject({ state: 'in-log', agreed: 3 });
    expect(progress.authorities[3]?.state).toBe('fetching');
    await cluster.start(3);
    await sameRoots(ALL, progress.index ?? 0);
    expect(await cluster.outcome(3, id)).toMatchObject({ state: 'in-log', index: progress.index });
  });

  it('at any moment after it took the request in, nothing is lost', async () => {
    const moments = [0, 80, 200];
    for (const [at, moment] of moments.entries()) {
      const purl = `pkg:npm/moment@1.0.${at}`;
      registry.publish(fakeRelease('moment', `1.0.${at}`));
      const { id } = await cluster.request(at, purl);
      await new Promise((resolve) => setTimeout(resolve, moment));
      await cluster.kill(at);
      await cluster.start(at);
      const progress = await cluster.outcome(at, id);
      expect([moment, progress.state]).toEqual([moment, 'in-log']);
      await sameRoots(ALL, progress.index ?? 0);
    }
  });
});

describe('with two authorities killed', () => {
  it('the network says that it is halted, and goes on when one returns', async () => {
    registry.publish(fakeRelease('halted', '1.0.0'));
    await Promise.all([cluster.kill(2), cluster.kill(3)]);
    await vi.waitFor(
      async () => expect((await cluster.status(0)).halted?.reason).toContain('only 2 of 4'),
      WAIT,
    );
    expect(await cluster.settle(0, 'pkg:npm/halted@1.0.0')).toMatchObject({
      state: 'failed',
      error: { code: 'E_NO_ANSWER', fields: { answered: 2, needed: 3, seconds: 8 } },
    });
    await cluster.start(2);
    await vi.waitFor(async () => expect((await cluster.status(0)).halted).toBeUndefined(), WAIT);
    const progress = await cluster.settle(1, 'pkg:npm/halted@1.0.0');
    expect(progress).toMatchObject({ state: 'in-log', agreed: 3 });
    await cluster.start(3);
    await sameRoots(ALL, progress.index ?? 0);
  });
});

it('leaves a folder alone that another process runs in', async () => {
  await expect(cluster.start(0)).rejects.toThrow(/Another process is using the folder/);
  expect((await cluster.status(0)).name).toBe('ayla');
});

it('ends cleanly when it is told to', async () => {
  expect(await cluster.terminate(1)).toBe(0);
  expect(await cluster.closeStdin(2)).toBe(0);
});

it('says plainly when what it stored is damaged', async () => {
  await cluster.kill(3);
  await rm(join(cluster.dataDir(3), 'intake.db-wal'));
  await writeFile(join(cluster.dataDir(3), 'intake.db'), 'no database at all, whatever its name says');
  await expect(cluster.start(3)).rejects.toThrow(/error The store failed: file is not a database/);
});
