import type { Libp2p } from '@libp2p/interface';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { toBase32 } from '@assay/core/encoding/base32.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { blockUrn, decodeCapability } from '@assay/core/eris/capability.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { parseNetworkDescription } from '@assay/core/net/network-description.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import type { Relay } from './relay.ts';
import { network, TestAuthorities } from './testing/authority.fixture.ts';
import { relayFolder, type RelayFolder } from './testing/relay.fixture.ts';

const clock = createClock(globalThis);
const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >>> 5);

let authorities: TestAuthorities;
let nodes: Libp2p[];
let folder: RelayFolder;
let relay: Relay;
let record: ArtifactAddRecord;

beforeAll(async () => {
  authorities = await TestAuthorities.create();
  nodes = await Promise.all([0, 1, 2, 3].map((index) => authorities.start(index)));
  folder = await relayFolder(nodes);
  relay = await folder.start();
  record = await authorities.add('pkg:npm/clsx@2.1.1', content);
});
afterAll(async () => {
  await relay?.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await folder?.remove();
});

const mirror = () => createHttpMirror({ baseUrl: relay.http, fetch, clock, timeoutMs: 5_000 });
const rootOf = ({ artifacts: [artifact] }: ArtifactAddRecord): Uint8Array =>
  unwrap(decodeCapability(artifact?.eris ?? new Uint8Array(0))).rootReference;

describe('a relay', () => {
  it('mirrors log, evidence and packs as soon as a record appears', async () => {
    const pack = await buildPack(content, { blockSize: 32768 });
    const blocks: Uint8Array[] = [];
    for await (const block of pack.blocks()) blocks.push(block);
    await vi.waitFor(async () => expect(await mirror().checkpoint()).toEqual(authorities.note), 5_000);
    const evidence = `evidence/${toHex(record.provenance.evidence)}`;
    await vi.waitFor(async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of mirror().readPack(rootOf(record), { from: 0 })) chunks.push(chunk);
      expect(concatBytes(...chunks)).toEqual(concatBytes(...blocks));
    }, 5_000);
    expect(await mirror().read(evidence)).toEqual(await authorities.log.store.read(evidence));
    expect(await mirror().read('tile/entries/000.p/4')).toEqual(
      await authorities.log.store.read('tile/entries/000.p/4'),
    );
    const urn = blockUrn(
      unwrap(decodeCapability(record.artifacts[0]?.eris ?? new Uint8Array())).rootReference,
    );
    const block = await fetch(`${relay.http}/uri-res/N2R?${urn}`);
    expect(new Uint8Array(await block.arrayBuffer())).toEqual(blocks[0]);
  });

  it('describes itself and the authorities', async () => {
    const body = await (await fetch(`${relay.http}/network.json`)).text();
    const described = unwrap(parseNetworkDescription(body));
    expect(described).toMatchObject({ mirrors: [relay.http], trust: { networkId: network.trust.networkId } });
    expect(described.relays).toEqual([
      {
        peerId: relay.peerId,
        addresses: relay.addresses,
        stun: [expect.stringMatching(/^stun:127.0.0.1:\d+$/)],
      },
    ]);
    const status = await (await fetch(`${relay.http}/status.json`)).json();
    expect(status.relay).toMatchObject({ size: 4, authoritiesReachable: 4 });
    expect(status.authorities.map(({ name, reachable, view }: never) => [name, reachable, view])).toEqual([
      ['ayla', true, 3],
      ['borneo', true, 3],
      ['cassini', true, 3],
      ['delft', true, 3],
    ]);
    expect(toBase32(rootOf(record))).toHaveLength(52);
  });

  it('does not share its folder with a second one', async () => {
    await expect(folder.start()).rejects.toMatchObject({ code: 'E_FOLDER_IN_USE' });
    expect((await fetch(`${relay.http}/checkpoint`)).status).toBe(200);
  });
});
