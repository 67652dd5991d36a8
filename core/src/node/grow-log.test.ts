import { expect, it } from 'vitest';
import { createBreathe } from '../breath.ts';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { unwrap } from '../errors/result.ts';
import { CHECKPOINT_PATH, MemoryLogStore } from '../log/log-store.ts';
import { leafHashes } from '../log/merkle.ts';
import { verifyCheckpoint } from '../log/policy.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { growLog } from './grow-log.ts';
import { Replay } from './replay.ts';
import { network, TestLog, verifySignature } from './test-log.fixture.ts';

it('computes the root itself, whatever the entries went through before, and stores no checkpoint of another', async () => {
  const source = await TestLog.create();
  await source.addVersions(['pkg:npm/a@1.0.0']);
  const log = unwrap(await TiledLog.open(source.store, source.size));
  const entries = (await collect(log.entries())).map(({ bytes }) => bytes);
  const { policy } = network.trust.current;
  const grow = async (store: MemoryLogStore, note: Uint8Array): Promise<TiledLog> =>
    await growLog(0, unwrap(await verifyCheckpoint(note, policy, verifySignature)), {
      store,
      remote: { bundle: () => Promise.resolve({ entries, leaves: leafHashes(entries) }) },
      replay: new Replay(network.trust, createBreathe(realClock)),
      onProgress: () => undefined,
    });

  const store = new MemoryLogStore();
  const wrong = await source.note({ root: new Uint8Array(32).fill(9) });
  await expect(grow(store, wrong)).rejects.toMatchObject({ code: 'E_REPLAY_ROOT' });
  expect(await store.read(CHECKPOINT_PATH)).toBeUndefined();
  const note = await source.note();
  expect((await grow(store, note)).size).toBe(source.size);
  expect(await store.read(CHECKPOINT_PATH)).toEqual(note);
});
