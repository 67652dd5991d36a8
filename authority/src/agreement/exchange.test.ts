import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { attest, attestFailure, makeProposal } from '@assay/core/records/network.fixture.ts';
import { mutatedBytes } from '@assay/core/testing/mutated-bytes.fixture.ts';
import type { MeshChannel } from '../network/mesh.ts';
import { FakeRegistry, fakeRelease } from '../testing/fake-registry.fixture.ts';
import { IntakeNetwork } from '../testing/intake-network.fixture.ts';
import { decodeOffer, encodeOffer, type Offer } from './offer.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });

const PURL = 'pkg:npm/tiny@1.0.0';
/** The authority that a test plays by hand. */
const ME = 1;
const NOBODY = new Uint8Array([0]);

vi.setConfig({ testTimeout: 20_000 });

let registry: FakeRegistry;
let net: IntakeNetwork;
let channel: MeshChannel;
let heard: Offer[];

beforeEach(async () => {
  registry = await FakeRegistry.start();
  registry.publish(fakeRelease('tiny', '1.0.0'));
  net = new IntakeNetwork(registry);
  net.start(0);
  channel = net.channels.member(net.name(ME));
  heard = [];
  channel.onMessage((_from, bytes) => heard.push(unwrap(decodeOffer(bytes))));
});
afterEach(async () => {
  net.stopAll();
  await registry.stop();
});

async function offer(changes: Partial<Offer> = {}): Promise<Offer> {
  const request = changes.request ?? (await net.signed(PURL));
  return { epoch: 1, request, purl: PURL, phase: 'waiting', have: NOBODY, ask: false, ...changes };
}

const send = (sent: Offer): void => channel.send(net.name(0), encodeOffer(sent));
const answered = (): Offer | undefined => heard.find(({ envelope }) => envelope !== undefined);

/** What authority 0 knows of the authorities' work on a package version. */
async function known(purl = PURL): Promise<string[]> {
  const { authorities } = await net.request(0, purl);
  return authorities.map(({ state }) => state);
}

it('starts a job that it is told of, and offers its answer', async () => {
  const sent = await offer();
  send(sent);
  await eventually(() => expect(answered()).toBeDefined());
  expect(answered()).toMatchObject({
    request: sent.request,
    purl: PURL,
    phase: 'answered',
    have: new Uint8Array([1]),
  });
});

it('shows who has begun to fetch', async () => {
  send(await offer({ phase: 'fetching' }));
  await eventually(async () => expect((await known())[ME]).toBe('fetching'));
});

it('counts an answer only from the one who signed it, about this package', async () => {
  const proposal = makeProposal(PURL, utf8('content'));
  const elsewhere = makeProposal('pkg:npm/other@1.0.0', utf8('content'));
  for (const envelope of [attest(net.network, 2, proposal), attest(net.network, ME, elsewhere), utf8('{}')]) {
    send(await offer({ phase: 'answered', envelope }));
  }
  await eventually(() => expect(net.log.filter((line) => line.includes('was refused'))).toHaveLength(3));
  expect((await known()).slice(1)).toEqual(['waiting', 'waiting', 'waiting']);
  send(await offer({ phase: 'answered', envelope: attestFailure(net.network, ME, PURL) }));
  await eventually(async () => expect((await known())[ME]).toBe('failed'));
});

it('refuses jobs that no requester has signed for', async () => {
  const request = await net.signed(PURL);
  request[request.length - 1] = (request.at(-1) ?? 0) ^ 1;
  send(await offer({ request }));
  send(await offer({ request: await net.signed('pkg:npm/other@1.0.0') }));
  await eventually(() => expect(net.log.filter((line) => line.includes('was refused'))).toHaveLength(2));
  expect(registry.requests).toEqual([]);
});

it('gives its answer to one who lacks it and asks, and to nobody else', async () => {
  send(await offer());
  await eventually(() => expect(answered()).toBeDefined());
  heard = [];
  send(await offer({ have: new Uint8Array([1]), ask: true }));
  send(await offer({ ask: false }));
  send(await offer({ ask: true }));
  // What it asks of its own accord, it asks again and again.
  const told = () => heard.filter(({ ask }) => !ask);
  await eventually(() => expect(told()).toHaveLength(1));
  expect(told()[0]).toMatchObject({ phase: 'answered' });
});

it('tells one who asks about a job that failed here what it had answered', async () => {
  const { id } = await net.request(0, 'pkg:npm/unknown@1.0.0');
  const request = await net.signed('pkg:npm/unknown@1.0.0');
  const purl = 'pkg:npm/unknown@1.0.0';
  for (const authority of [ME, 2, 3]) {
    const puppet = authority === ME ? channel : net.channels.member(net.name(authority));
    const envelope = attestFailure(net.network, authority, purl);
    puppet.send(net.name(0), encodeOffer(await offer({ request, purl, phase: 'answered', envelope })));
  }
  expect((await net.outcome(0, id)).state).toBe('failed');
  heard = [];
  send(await offer({ request, purl, ask: true }));
  await eventually(() => expect(answered()).toMatchObject({ purl, phase: 'answered' }));
});

it('survives whatever an authority sends', async () => {
  const valid = encodeOffer(
    await offer({ envelope: attest(net.network, ME, makeProposal(PURL, utf8('a'))) }),
  );
  const junk = fc.oneof(fc.uint8Array({ maxLength: 300 }), mutatedBytes(fc.constant(valid)));
  await fc.assert(
    fc.asyncProperty(junk, async (bytes) => {
      channel.send(net.name(0), bytes);
      await new Promise((resolve) => setImmediate(resolve));
    }),
  );
  expect(net.log.filter((line) => line.includes('error'))).toEqual([]);
  send(await offer());
  await eventually(() => expect(answered()).toBeDefined());
});
