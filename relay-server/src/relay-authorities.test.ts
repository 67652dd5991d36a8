import type { Libp2p } from '@libp2p/interface';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { publicKeyFromSeed, signEd25519 } from '@assay/core/crypto/ed25519.ts';
import { toBase32 } from '@assay/core/encoding/base32.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { decodeCapability } from '@assay/core/eris/capability.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { signRequest } from '@assay/core/net/signed-request.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import type { Relay } from './relay.ts';
import { network, TestAuthorities } from './testing/authority.fixture.ts';
import { relayFolder, type RelayFolder } from './testing/relay.fixture.ts';

const clock = createClock(globalThis);
const seed = new Uint8Array(32).fill(9);
const content = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) >>> 3);

/** Stopped in reverse order after each test. */
const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).toReversed()) await stop();
});

async function startAuthorities(count: number): Promise<{ authorities: TestAuthorities; nodes: Libp2p[] }> {
  const authorities = await TestAuthorities.create();
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => authorities.start(index)));
  for (const node of nodes) toStop.push(() => node.stop());
  return { authorities, nodes };
}

async function startIn(folder: RelayFolder): Promise<Relay> {
  const relay = await folder.start();
  toStop.push(() => relay.stop());
  return relay;
}

async function newFolder(nodes: readonly Libp2p[], changes = {}): Promise<RelayFolder> {
  const folder = await relayFolder(nodes, changes);
  toStop.push(() => folder.remove());
  return folder;
}

const mirrorOf = ({ http }: Relay) => createHttpMirror({ baseUrl: http, fetch, clock, timeoutMs: 5_000 });
const soon = { timeout: 10_000 };

interface Status {
  readonly relay: {
    readonly size: number;
    readonly authoritiesReachable: number;
    readonly packs: { held: number };
  };
  readonly authorities: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly lastSeen?: number;
  }[];
}
const statusOf = async ({ http }: Relay): Promise<Status> =>
  (await (await fetch(`${http}/status.json`)).json()) as Status;

const request = (purl: string) =>
  signRequest(
    { networkId: network.trust.networkId, purl, at: clock.now(), requester: publicKeyFromSeed(seed) },
    (message) => signEd25519(message, seed),
  );

async function packStatus({ http }: Relay, { artifacts: [artifact] }: ArtifactAddRecord): Promise<number> {
  const { rootReference } = unwrap(decodeCapability(artifact?.eris ?? new Uint8Array(0)));
  const answer = await fetch(`${http}/pack/${toBase32(rootReference)}`, { method: 'HEAD' });
  return answer.status;
}

describe('requests', () => {
  it('are taken by an authority that is there, and followed to their end as events', async () => {
    const { authorities, nodes } = await startAuthorities(3);
    const relay = await startIn(await newFolder(nodes));
    const states: string[] = [];
    const taken = await mirrorOf(relay).submit(await request('pkg:npm/clsx'));
    expect(authorities.requests).toEqual([taken.id]);
    for await (const { state } of mirrorOf(relay).follow(taken.id)) states.push(state);
    expect(states).toEqual(['queued', 'agreeing', 'in-log']);
    const once = (await (await fetch(`${relay.http}/requests/${taken.id}`)).json()) as RequestProgress;
    expect(once.state).toBe('queued');
  });

  it('go to another authority when one is dead, and are followed elsewhere', async () => {
    const { nodes } = await startAuthorities(3);
    const relay = await startIn(await newFolder(nodes));
    await vi.waitFor(async () => expect((await statusOf(relay)).relay.authoritiesReachable).toBe(3), soon);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c'])
      ids.push((await mirrorOf(relay).submit(await request(`pkg:npm/${name}`))).id);
    await nodes[1]?.stop();
    for (const id of ids) {
      const states: string[] = [];
      for await (const { state } of mirrorOf(relay).follow(id)) states.push(state);
      expect(states.at(-1)).toBe('in-log');
    }
    for (const name of ['d', 'e', 'f']) {
      expect(await mirrorOf(relay).submit(await request(`pkg:npm/${name}`))).toMatchObject({
        state: 'queued',
      });
    }
  });

  it('come back with the coded refusal of the authority', async () => {
    const { nodes } = await startAuthorities(1);
    const relay = await startIn(await newFolder(nodes));
    await expect(mirrorOf(relay).submit(await request('pkg:npm/refused'))).rejects.toMatchObject({
      code: 'E_REQUEST_SIGNATURE',
    });
    const unknown = mirrorOf(relay).follow('ab12')[Symbol.asyncIterator]();
    await expect(unknown.next()).rejects.toMatchObject({ code: 'E_REQUEST_UNKNOWN' });
  });
});

describe('without any authority', () => {
  it('a relay serves what it has, says so, and goes on when one returns', async () => {
    const { authorities, nodes } = await startAuthorities(2);
    const addresses = nodes.map((node) =>
      node
        .getMultiaddrs()[0]
        ?.toString()
        .replace(/\/p2p\/.*/, ''),
    );
    const record = await authorities.add('pkg:npm/clsx@2.1.1', content);
    const relay = await startIn(await newFolder(nodes));
    await vi.waitFor(async () => expect(await packStatus(relay, record)).toBe(200), soon);
    await Promise.all(nodes.map((node) => node.stop()));
    await vi.waitFor(async () => {
      const { relay: self, authorities: all } = await statusOf(relay);
      expect(self).toMatchObject({ authoritiesReachable: 0, size: 4, packs: { held: 1 } });
      expect(all.map(({ name, reachable }) => [name, reachable])).toEqual([
        ['ayla', false],
        ['borneo', false],
      ]);
      expect(all[0]?.lastSeen).toBeGreaterThan(0);
    }, soon);
    expect(await mirrorOf(relay).checkpoint()).toEqual(authorities.note);
    expect(await packStatus(relay, record)).toBe(200);
    await expect(mirrorOf(relay).submit(await request('pkg:npm/clsx'))).rejects.toMatchObject({
      code: 'E_NO_AUTHORITY',
      fields: { count: 2 },
    });
    await authorities.add('pkg:npm/is-plain-obj@4.1.0', utf8('small'));
    const back = await authorities.start(0, addresses[0]);
    toStop.push(() => back.stop());
    await vi.waitFor(async () => expect(await mirrorOf(relay).checkpoint()).toEqual(authorities.note), soon);
  });
});

describe('what authorities show', () => {
  it('is not served when no quorum signed it', async () => {
    const { authorities, nodes } = await startAuthorities(2);
    const good = authorities.note;
    const relay = await startIn(await newFolder(nodes));
    await vi.waitFor(async () => expect(await mirrorOf(relay).checkpoint()).toEqual(good), soon);
    await authorities.add('pkg:npm/clsx@2.1.1', content);
    authorities.show(await authorities.log.note({ cosigners: [0, 1], time: clock.now() }));
    await clock.sleep(2_000);
    expect(await mirrorOf(relay).checkpoint()).toEqual(good);
    authorities.show(utf8('garbage'));
    await clock.sleep(1_000);
    expect(await mirrorOf(relay).checkpoint()).toEqual(good);
  });

  it('reaches open pages at once', async () => {
    const { authorities, nodes } = await startAuthorities(2);
    const relay = await startIn(await newFolder(nodes));
    const stream = await fetch(`${relay.http}/events`, { headers: { accept: 'text/event-stream' } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const hear = async (text: string): Promise<void> => {
      while (!heard.includes(text)) heard += (await reader?.read())?.value ?? '';
    };
    await hear('"size":2');
    await authorities.add('pkg:npm/clsx@2.1.1', content);
    await hear('"size":4');
    await reader?.cancel();
  });

  it('is mirrored as soon as somebody has it', async () => {
    const { authorities, nodes } = await startAuthorities(2);
    const record = await authorities.add('pkg:npm/clsx@2.1.1', content, { held: false });
    const relay = await startIn(await newFolder(nodes));
    await vi.waitFor(async () => expect((await statusOf(relay)).relay.size).toBe(4), soon);
    expect(await packStatus(relay, record)).toBe(503);
    await authorities.hold(record, content);
    await vi.waitFor(async () => expect(await packStatus(relay, record)).toBe(200), soon);
  });

  it('is kept within the quota', async () => {
    const { authorities, nodes } = await startAuthorities(2);
    const other = content.map((byte) => byte ^ 0xff);
    const first = await authorities.add('pkg:npm/clsx@2.1.0', content);
    const relay = await startIn(await newFolder(nodes, { quotaBytes: 150_000 }));
    await vi.waitFor(async () => expect(await packStatus(relay, first)).toBe(200), soon);
    const second = await authorities.add('pkg:npm/clsx@2.1.1', other);
    await vi.waitFor(async () => expect(await packStatus(relay, second)).toBe(200), soon);
    expect(await packStatus(relay, first)).toBe(404);
  });
});
