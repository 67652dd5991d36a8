import type { Libp2p } from '@libp2p/interface';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { parseNetworkDescription } from '@assay/core/net/network-description.ts';
import { decodeHandoffLink, handoffPath } from '@assay/core/records/handoff.ts';
import { TestAuthorities } from './testing/authority.fixture.ts';
import type { Relay } from './relay.ts';
import { relayFolder, type RelayFolder } from './testing/relay.fixture.ts';

const clock = createClock(globalThis);
let authorities: TestAuthorities;
let nodes: Libp2p[];
let folder: RelayFolder;
let relay: Relay;

beforeAll(async () => {
  authorities = await TestAuthorities.create();
  nodes = await Promise.all([0, 1, 2, 3].map((index) => authorities.start(index)));
  folder = await relayFolder(nodes);
  relay = await folder.start();
});
afterAll(async () => {
  await relay?.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await folder?.remove();
});

const get = (path: string) => fetch(`${relay.http}/${path}`);
const describedNow = async () => unwrap(parseNetworkDescription(await (await get('network.json')).text()));
const isReadyFor = (names: readonly string[]) =>
  vi.waitFor(async () => {
    const { authorities: described } = await describedNow();
    expect(described.map(({ name }) => name)).toEqual(names);
    const status = await (await get('status.json')).json();
    expect(status.authorities.map(({ name }: { name: string }) => name)).toEqual(names);
  }, 10_000);

it('follows the authorities from epoch to epoch, serves the links, and finds them again after a restart', async () => {
  expect((await get(handoffPath(2))).status).toBe(404);
  const { log } = authorities;
  await log.changeAuthorities({ add: ['etna'] });
  authorities.show(await log.note({ time: clock.now() }));
  await isReadyFor(['ayla', 'borneo', 'cassini', 'delft', 'etna']);
  await log.changeAuthorities({ remove: ['ayla'] });
  authorities.show(await log.note({ time: clock.now() }));
  const names = ['borneo', 'cassini', 'delft', 'etna'];
  await isReadyFor(names);
  const document = (await (await get('network.json')).json()) as Record<string, unknown>;
  expect(document).toMatchObject({ epoch: 3 });
  const described = await describedNow();
  for (const { name, addresses = [] } of described.authorities) {
    expect([name, addresses.length > 0]).toEqual([name, true]);
  }
  expect(document['policy']).toContain('witness');
  for (const epoch of [2, 3]) {
    const served = await get(handoffPath(epoch));
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'application/cbor']);
    const link = decodeHandoffLink(new Uint8Array(await served.arrayBuffer()));
    expect(link.ok).toBe(true);
  }
  await relay.stop();
  relay = await folder.start();
  await isReadyFor(names);
}, 40_000);
