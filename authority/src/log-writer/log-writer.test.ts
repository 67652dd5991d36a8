import { describe, expect, it } from 'vitest';
import { signEd25519, verifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { CompactRange, leafHash } from '@assay/core/log/merkle.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import { treeHeadBytes, type SignedTreeHead, type TreeHead } from '../consensus/cosignature.ts';
import type { Batch } from './batch.ts';
import { LogQueue } from './log-queue.ts';
import { LogWriter, type Published } from './log-writer.ts';

const network = makeNetwork();
const { trust } = network;
const publisher = {
  origin: trust.genesis.origin,
  name: trust.genesis.authorities[1]?.name ?? '',
  setOf: (epoch: number) => trust.sets[epoch - 1],
  signLog: (publicKey: Uint8Array, message: Uint8Array) => signEd25519(message, network.seedOf(publicKey)),
};
const verify = (...args: Parameters<typeof verifyEd25519>) => Promise.resolve(verifyEd25519(...args));

/** Batches of two entries each, the first one at index 0. */
function makeBatches(count: number): Batch[] {
  const range = CompactRange.of();
  return Array.from({ length: count }, (_, height) => {
    const entries = [utf8(`record ${height}`), utf8(`state ${height}`)];
    const firstIndex = range.size;
    for (const entry of entries) range.append(leafHash(entry));
    const evidence = [utf8(`evidence ${height}`)];
    return { height, firstIndex, entries, evidence, size: range.size, root: toHex(range.root()) };
  });
}

function cosign(signer: number, head: TreeHead, time: number): SignedTreeHead {
  const signature = signEd25519(
    treeHeadBytes(trust.genesis.origin, head, time),
    network.seed(signer, 'cosign'),
  );
  return { size: head.size, root: head.root, epoch: 1, signer, time, signature };
}

const quorumOf = (head: TreeHead, time = 5000) =>
  [3, 0, 2].map((signer) => cosign(signer, head, time + signer));

async function open(
  store: MemoryLogStore,
  heads: TreeHead[] = [],
  published?: Published,
): Promise<LogWriter> {
  return LogWriter.open(store, publisher, { heads, ...(published === undefined ? {} : { published }) });
}

function nth<T>(items: readonly T[], at: number): T {
  const item = items.at(at);
  if (item === undefined) throw new RangeError(`no item ${at}`);
  return item;
}

describe('the log writer', () => {
  it('writes evidence under its SHA-256, and a checkpoint that the policy accepts: q cosignatures and one log line', async () => {
    const store = new MemoryLogStore();
    const writer = await open(store);
    const batches = makeBatches(3);
    const head = await writer.append(batches);
    expect(head).toEqual({ size: 6, root: nth(batches, -1).root });
    expect(store.paths()).toContain(`evidence/${toHex(sha256(utf8('evidence 1')))}`);
    const note = await writer.publish({
      head: head,
      epoch: 1,
      cosignatures: quorumOf(head),
      freshAsOf: 5000,
    });
    expect(await store.read('checkpoint')).toEqual(note);
    const verified = unwrap(await verifyNetworkCheckpoint(note ?? new Uint8Array(), trust, verify));
    expect(verified).toMatchObject({ size: 6, freshAsOf: 5002 });
    expect(verified.cosigners).toHaveLength(3);
    expect(new TextDecoder().decode(note).match(/^— /gm)).toHaveLength(4);
  });

  it('refuses batches that do not continue the log or do not give their root', async () => {
    const writer = await open(new MemoryLogStore());
    const [first, second] = [nth(makeBatches(2), 0), nth(makeBatches(2), 1)];
    await expect(writer.append([second])).rejects.toMatchObject({ code: 'E_LOG_WRITERS' });
    await expect(writer.append([{ ...first, root: second.root }])).rejects.toMatchObject({
      code: 'E_LOG_DAMAGED',
    });
    await writer.append([first]);
    expect(writer.size).toBe(2);
  });

  it('never moves a checkpoint back: not in size, not in time, not beyond its files, not after a restart', async () => {
    const store = new MemoryLogStore();
    const writer = await open(store);
    const [small, large, next] = makeBatches(3).map((batch) => batch);
    if (small === undefined || large === undefined || next === undefined) throw new RangeError();
    await writer.append([small]);
    await writer.append([large]);
    const note = await writer.publish({
      head: large,
      epoch: 1,
      cosignatures: quorumOf(large),
      freshAsOf: 5000,
    });
    for (const [head, freshAsOf] of [
      [small, 9000],
      [large, 5000],
      [large, 4999],
      [next, 9000],
    ] as const) {
      expect(
        await writer.publish({ head: head, epoch: 1, cosignatures: quorumOf(head), freshAsOf: freshAsOf }),
      ).toBeUndefined();
    }
    const again = await open(store, [large], { size: 4, freshAsOf: 5000 });
    expect(
      await again.publish({ head: small, epoch: 1, cosignatures: quorumOf(small), freshAsOf: 9000 }),
    ).toBeUndefined();
    expect(await store.read('checkpoint')).toEqual(note);
    expect(
      await again.publish({ head: large, epoch: 1, cosignatures: quorumOf(large, 6000), freshAsOf: 6000 }),
    ).toBeDefined();
  });

  it('has evidence and hand-off links on disk whenever its files lead to the head, wherever a kill cuts a write', async () => {
    const batches = makeBatches(2).map((batch, at) =>
      at === 1 ? { ...batch, handoff: { epoch: 2, link: utf8('link') } } : batch,
    );
    const [first, second] = [nth(batches, 0), nth(batches, 1)];
    for (let files = 0; files < 5; files++) {
      const store = new MemoryLogStore();
      const writer = await open(store);
      await writer.append([first]);
      const write = store.write.bind(store);
      let left = files;
      store.write = async (all) => {
        for (const file of all) {
          if (left-- === 0) throw new Error('killed');
          await write(new Map([file]));
        }
      };
      await writer.append([second]).catch(() => undefined);
      store.write = write;
      const again = await open(store, batches.toReversed());
      if (again.size < second.size) await again.append(again.size === 0 ? batches : [second]);
      const paths = store.paths();
      expect(paths, `killed after ${files} files`).toContain('handoff/2');
      expect(paths).toContain(`evidence/${toHex(sha256(utf8('evidence 1')))}`);
    }
  });

  it('opens at the newest head whose files are whole, and else begins anew', async () => {
    const store = new MemoryLogStore();
    const batches = makeBatches(4);
    await (await open(store)).append(batches.slice(0, 3));
    const newestFirst = batches.toReversed();
    expect((await open(store, newestFirst)).size).toBe(6);
    await store.remove(['tile/entries/000.p/6']);
    expect((await open(store, newestFirst)).size).toBe(0);
  });
});

describe('the log queue', () => {
  async function make(store = new MemoryLogStore()) {
    const heard: string[] = [];
    const queue = new LogQueue(await open(store), {
      onDurable: (head) => heard.push(`durable ${head.size}`),
      onPublished: (note) => heard.push(`published ${new TextDecoder().decode(note).split('\n')[1]}`),
      onFailure: (error) => heard.push(`failed ${String(error)}`),
    });
    const until = async (line: string) => {
      while (!heard.includes(line)) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    return { queue, heard, until };
  }

  it('writes in order, one batch at a time near the tip, and many together when it is behind', async () => {
    const { queue, heard, until } = await make();
    for (const batch of makeBatches(40)) queue.append(() => batch);
    await until('durable 80');
    expect(heard[0]).toBe('durable 64');
    expect(heard.slice(1)).toEqual([66, 68, 70, 72, 74, 76, 78, 80].map((size) => `durable ${size}`));
  });

  it('publishes the newest checkpoint that waits', async () => {
    const { queue, heard, until } = await make();
    const batches = makeBatches(3);
    for (const batch of batches) queue.append(() => batch);
    await until('durable 6');
    for (const head of batches)
      queue.publish({ head, epoch: 1, cosignatures: quorumOf(head), freshAsOf: 5000 });
    await until('published 6');
    expect(heard).not.toContain('published 4');
  });

  it('stops at the first failure and says so', async () => {
    const store = new MemoryLogStore();
    store.write = () => Promise.reject(new Error('disk full'));
    const { queue, heard, until } = await make(store);
    for (const batch of makeBatches(2)) queue.append(() => batch);
    await until('failed Error: disk full');
    expect(heard).toHaveLength(1);
  });
});
