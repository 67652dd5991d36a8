import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { parseCheckpointBody } from './checkpoint.ts';
import { MemoryLogStore } from './log-store.ts';
import { leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { parseNote } from './note.ts';
import { parseTlogProof } from './proof.ts';
import { TiledLog } from './tiled-log.ts';
import { c2spLog, filesBelow, folderLogStore, hash, readBytes, readLogVectors } from './vectors.fixture.ts';

const folder = join(c2spLog ?? '', 'log1000');
const leaf = (i: number) => utf8(`entry ${i} of small\n`);
const leaves = Array.from({ length: 1000 }, (_, i) => leaf(i));

describe.skipIf(!c2spLog)('a log directory of independent software (skipped without vectors)', () => {
  let root: Uint8Array;
  let foreign: TiledLog;

  beforeAll(async () => {
    const note = unwrap(parseNote(readBytes(folder, 'checkpoint')));
    ({ root } = unwrap(parseCheckpointBody(note.text)));
    foreign = unwrap(await TiledLog.open(folderLogStore(folder), 1000, { verifyRoot: root }));
  });

  it('has the 1,000 entries and the root of its checkpoint', async () => {
    const replayed = unwrap(await TiledLog.open(new MemoryLogStore(), 0));
    for await (const { index, bytes } of foreign.entries()) {
      expect(equalBytes(bytes, leaf(index))).toBe(true);
      await replayed.append([bytes]);
    }
    expect(replayed.size).toBe(1000);
    expect(replayed.root()).toEqual(root);
  });

  it('comes out byte for byte when we write the same entries: 238 hash tiles, 4 entry bundles', async () => {
    const store = new MemoryLogStore();
    const ours = unwrap(await TiledLog.open(store, 0));
    for (let at = 0; at < 768; at += 256) await ours.append(leaves.slice(at, at + 256));
    for (const entry of leaves.slice(768)) await ours.append([entry]);

    const theirs = filesBelow(folder).filter((path) => path.startsWith('tile/'));
    const isHashTile = (path: string) => !path.startsWith('tile/entries/');
    expect(theirs.filter(isHashTile)).toHaveLength(238);
    expect(store.paths().filter(isHashTile)).toEqual(theirs.filter(isHashTile));
    const different = [];
    for (const path of theirs) {
      const bytes = (await store.read(path)) ?? utf8('missing');
      if (!equalBytes(bytes, readBytes(folder, path))) different.push(path);
    }
    expect(different).toEqual([]);
  });

  it('gives the very proofs its own software gives', async () => {
    const sample = unwrap(parseTlogProof(readBytes(folder, 'sample.tlog-proof')));
    expect(unwrap(await foreign.inclusionProof(333, 1000))).toEqual(sample.proof);
    const { inclusion, consistency } = readLogVectors(folder);
    for (const c of inclusion.filter((good) => good.ok)) {
      expect(unwrap(await foreign.inclusionProof(c.index, c.size))).toEqual(c.proof.map(hash));
      expect(unwrap(await foreign.rootAt(c.size))).toEqual(hash(c.root));
    }
    for (const c of consistency.filter((good) => good.ok)) {
      expect(unwrap(await foreign.consistencyProof(c.size1, c.size2))).toEqual(c.proof.map(hash));
    }
  });

  it('goes on under our hands, and the whole is consistent with the part', async () => {
    const store = new MemoryLogStore();
    for (const path of filesBelow(folder)) await store.write(new Map([[path, readBytes(folder, path)]]));
    const log = unwrap(await TiledLog.open(store, 1000, { verifyRoot: root }));
    await log.append(Array.from({ length: 100 }, (_, i) => leaf(1000 + i)));
    const proof = unwrap(await log.consistencyProof(1000, 1100));
    expect(verifyConsistency(1000, 1100, root, log.root(), proof).ok).toBe(true);
    const path = unwrap(await log.inclusionProof(1099, 1100));
    expect(verifyInclusion(leafHash(leaf(1099)), 1099, 1100, path, log.root()).ok).toBe(true);
  });
});
