import { expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { agreementEvidence, logEvidence } from './gather-evidence.ts';
import { TestLog } from './test-log.fixture.ts';

it('speaks of one checkpoint throughout, even if the log grows meanwhile', async () => {
  const source = await TestLog.create();
  await source.addVersions(['pkg:npm/a@1.0.0']);
  const log = unwrap(await TiledLog.open(source.store, source.size));
  const anchor = { size: log.size, root: log.root(), checkpoint: await source.note() };
  const previous = { size: 2, root: unwrap(await log.rootAt(2)) };
  let hasGrown = false;
  const sync = {
    log,
    state: { size: log.size, target: log.size, anchor, previous, refused: [] },
    indexOf: () => (hasGrown ? log.size : undefined),
  };
  const gathering = logEvidence(sync, 'pkg:npm/b@1.0.0');
  hasGrown = true;
  const evidence = await gathering;
  expect(evidence.entry).toBeUndefined();
  expect(evidence.absence).toEqual({ size: log.size, root: log.root() });
  expect(evidence.checkpoint).toBe(anchor.checkpoint);
});

it('asks for attestations again when those stored are not the ones the record names', async () => {
  const bundle = utf8('attestations');
  const digest = sha256(bundle);
  const path = `evidence/${toHex(digest)}`;
  const store = new MemoryLogStore();
  await store.write(new Map([[path, utf8('damaged')]]));
  const source = (answer: Uint8Array) => ({
    id: 'source',
    checkpoint: () => Promise.resolve(answer),
    read: () => Promise.resolve(answer),
  });
  const ask = (...answers: Uint8Array[]) =>
    agreementEvidence(digest, { store, sources: answers.map(source), clock: realClock });
  expect(await ask()).toBeUndefined();
  expect(await ask(utf8('others'))).toBeUndefined();
  expect(await ask(utf8('others'), bundle)).toEqual(bundle);
  expect(await store.read(path)).toEqual(bundle);
});
