import { expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { LogSync } from './log-sync.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, purls, TestLog, verifySignature } from './test-log.fixture.ts';

it('does not stand on a stored checkpoint that no quorum signed', async () => {
  const source = await TestLog.create();
  const note = await source.note({ cosigners: [0, 1] });
  const log = unwrap(await TiledLog.open(source.store, source.size));
  const anchors = new MemoryAnchorStore();
  await anchors.save({ size: log.size, root: log.root(), checkpoint: note });
  const stores = { log: source.store, anchors };
  const options = { trust: network.trust, stores, sources: () => [], verifySignature, clock: realClock };
  const { state } = await LogSync.open(options);
  expect(state).toMatchObject({ size: 0, error: { code: 'E_REPLAY_STORED' } });
  expect(state.checkpoint).toBeUndefined();
});

it('finds a stored entry that was changed into another one that keeps every rule', async () => {
  const source = await TestLog.create();
  await source.addVersions(purls(300));
  const sources = [source.source('one', await source.note())];
  const stores = { log: new MemoryLogStore(), anchors: new MemoryAnchorStore() };
  const options = { trust: network.trust, stores, sources: () => sources, verifySignature, clock: realClock };
  unwrap(await (await LogSync.open(options)).sync());

  const path = 'tile/entries/000';
  const bundle = (await stores.log.read(path)) ?? new Uint8Array(0);
  const evidence = toHex(sha256(utf8('pkg:npm/bulk@1.0.5')));
  const at = toHex(bundle).indexOf(evidence) / 2;
  expect(Number.isInteger(at) && at > 0).toBe(true);
  bundle[at] = (bundle[at] ?? 0) ^ 1;
  await stores.log.write(new Map([[path, bundle]]));

  const again = await LogSync.open(options);
  expect(again.state).toMatchObject({ size: 0, error: { code: 'E_REPLAY_STORED' } });
  expect(again.indexOf('pkg:npm/bulk@1.0.5')).toBeUndefined();
});
