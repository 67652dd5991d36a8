import type { Stream } from '@libp2p/interface';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, u32be, utf8 } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { protocols } from '../protocols.ts';
import { createBlockClient, serveBlocks } from './block-protocol.ts';
import { createLibp2pPair, type Libp2pPair } from './libp2p-pair.fixture.ts';
import { createLogClient, serveLog } from './log-protocol.ts';
import { createProviderClient, serveProviders } from './provider-protocol.ts';
import { ProviderTable } from './provider-table.ts';
import type { RequestProgress } from './request-progress.ts';
import { createRequestClient, serveRequests, type RequestDesk } from './request-protocol.ts';
import { createStatusClient, serveStatus, type AuthorityStatus } from './status-protocol.ts';

const clock = realClock;
const root = sha256(utf8('root'));
const held = new Uint8Array(32 * 1024).fill(7);
const heldRef = sha256(held);

const progress: RequestProgress = {
  id: 'ab12',
  purl: 'pkg:npm/clsx@2.1.1',
  state: 'agreeing',
  authorities: [
    { name: 'alpha', state: 'attested', digest: 'cd' },
    { name: 'beta', state: 'failed', error: { code: 'E_TIMEOUT', fields: { seconds: 9 } } },
  ],
  needed: 3,
  agreed: 1,
};

const status: AuthorityStatus = {
  name: 'alpha',
  epoch: 1,
  view: 3,
  height: 2,
  size: 7,
  finalized: 2,
  leader: 0,
  busy: false,
  pending: 0,
  peers: [{ index: 1, name: 'beta', lastVoteAt: 5 }],
};

const desk: RequestDesk = {
  submit: (request) =>
    request.length > 300 ? Promise.reject(new AssayError('E_REQUEST_SIGNATURE')) : Promise.resolve(progress),
  async *follow(id) {
    if (id !== progress.id) throw new AssayError('E_NOT_FOUND', { what: id });
    yield progress;
    yield { ...progress, state: 'in-log', index: 8 };
  },
};

let pair: Libp2pPair;
const log = new MemoryLogStore();
const table = new ProviderTable(() => 1000);
let serving = true;

beforeAll(async () => {
  pair = await createLibp2pPair();
  const peerId = pair.client.peerId.toString();
  await log.write(new Map([['checkpoint', utf8('note')]]));
  await log.write(new Map([['tile/entries/000', new Uint8Array(3_000_000).fill(1)]]));
  const store = {
    findBlock: (_root: Uint8Array, ref: Uint8Array) =>
      Promise.resolve(ref[0] === heldRef[0] ? held : undefined),
  };
  const gate = { admit: () => Promise.resolve(serving) };
  await pair.handle(protocols.log, (stream) => void serveLog(stream, { store: log, clock }));
  await pair.handle(protocols.blocks, (stream) => void serveBlocks(stream, { store, gate, clock }));
  await pair.handle(protocols.providers, (stream) => void serveProviders(stream, { table, peerId, clock }));
  await pair.handle(protocols.request, (stream) => void serveRequests(stream, { desk, peerId, clock }));
  await pair.handle(protocols.status, (stream) => void serveStatus(stream, { status: () => status, clock }));
});
afterAll(() => pair.stop());

describe('log protocol', () => {
  it('reads the checkpoint and large resources, and says what is not there', async () => {
    const source = createLogClient({ id: 'a', open: pair.opener(protocols.log), clock });
    expect(await source.checkpoint()).toEqual(utf8('note'));
    expect(await source.read('tile/entries/000')).toHaveLength(3_000_000);
    await expect(source.read('tile/0/000')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });

  it('serves nothing but log paths', async () => {
    const source = createLogClient({ id: 'a', open: pair.opener(protocols.log), clock });
    for (const path of ['../keys.json', 'tile/0/0', '/checkpoint', `lookup/${'ab'.repeat(32)}`, '']) {
      await expect(source.read(path)).rejects.toMatchObject({ code: 'E_PROTOCOL' });
    }
  });
});

describe('block protocol', () => {
  const client = () => createBlockClient({ id: 'p', label: 'p', open: pair.opener(protocols.blocks), clock });

  it('sends the blocks that are held and says which are not', async () => {
    const missing = sha256(utf8('missing'));
    const answers = await collect(client().readBlocks(root, [heldRef, missing, heldRef]));
    expect(answers.map(({ block }) => block?.length)).toEqual([held.length, undefined, held.length]);
  });

  it('gives nothing away when the gate is shut', async () => {
    serving = false;
    const answers = await collect(client().readBlocks(root, [heldRef]));
    serving = true;
    expect(answers[0]?.block).toBeUndefined();
  });
});

describe('provider protocol', () => {
  const client = () => createProviderClient({ id: 'r', open: pair.opener(protocols.providers), clock });

  it('notes an announcement under the authenticated peer and only with its own addresses', async () => {
    const own = `/ip4/127.0.0.1/tcp/1/p2p/${pair.client.peerId}`;
    await client().announce([root], [own, '/ip4/127.0.0.1/tcp/2/p2p/QmSomebodyElse']);
    expect(table.lookup(root)).toEqual([{ peerId: pair.client.peerId.toString(), addresses: [own] }]);
  });

  it('does not send the asker to itself, finds others, and withdraws', async () => {
    table.announce('other', ['/x/p2p/other'], [root]);
    expect(await client().lookup(root)).toEqual([{ peerId: 'other', addresses: ['/x/p2p/other'] }]);
    await client().withdraw([root]);
    expect(table.lookup(root).map(({ peerId }) => peerId)).toEqual(['other']);
  });

  it('splits a long announcement', async () => {
    const many = Array.from({ length: 600 }, (_, i) => sha256(u32be(i)));
    expect(await client().announce(many, [])).toBe(500);
  });
});

describe('request and status protocols', () => {
  const client = () => createRequestClient({ id: 'a', open: pair.opener(protocols.request), clock });
  const request = (purl: string) => ({
    v: 1 as const,
    networkId: root,
    purl,
    at: 1,
    requester: root,
    signature: concatBytes(root, root),
  });

  it('hands in a request and follows it to its end', async () => {
    expect(await client().submit(request('pkg:npm/clsx'))).toEqual(progress);
    const states = await collect(client().follow('ab12'));
    expect(states.map(({ state }) => state)).toEqual(['agreeing', 'in-log']);
  });

  it('carries the coded refusal back', async () => {
    await expect(client().submit(request('x'.repeat(400)))).rejects.toMatchObject({
      code: 'E_REQUEST_SIGNATURE',
    });
    await expect(collect(client().follow('ff'))).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  });

  it('asks for the status', async () => {
    const asking = createStatusClient({ open: pair.opener(protocols.status), clock });
    expect(await asking.status()).toEqual(status);
  });
});

describe('garbage on every protocol', () => {
  const served = [protocols.log, protocols.blocks, protocols.providers, protocols.request, protocols.status];

  it.each(served)('aborts the stream and goes on serving: %s', async (protocol) => {
    for (const bytes of [u32be(0), Uint8Array.of(9), concatBytes(u32be(2), Uint8Array.of(0xa1, 0xff))]) {
      const stream: Stream = await pair.opener(protocol)(AbortSignal.timeout(2000));
      const closed = new Promise((resolve) => stream.addEventListener('close', resolve));
      stream.send(bytes);
      await stream.close().catch(() => undefined);
      await closed;
    }
    const source = createLogClient({ id: 'a', open: pair.opener(protocols.log), clock });
    expect(await source.checkpoint()).toEqual(utf8('note'));
  });
});
