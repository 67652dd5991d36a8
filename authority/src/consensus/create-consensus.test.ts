import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '@assay/core/encoding/hex.ts';
import { readLog } from './testing/read-log.ts';
import { TestAuthorities, until } from './testing/test-authorities.ts';
import { createConsensus } from './create-consensus.ts';

let net: TestAuthorities;
afterEach(() => net.dispose());
vi.setConfig({ testTimeout: 30_000 });

const purl = (version: number) => `pkg:npm/clsx@2.1.${version}`;

function hasAll(versions: number, nodes = net.running): boolean {
  return nodes.every((one) =>
    Array.from({ length: versions }, (_, i) => i).every((i) => one.find(purl(i)) !== undefined),
  );
}

/** Whether everything final is published, by everyone alike. */
function settled(): boolean {
  const sizes = net.running.flatMap((one) => [one.status().checkpoint?.size, one.status().finalized]);
  return new Set(sizes).size === 1;
}

async function rootsOf(nodes: readonly number[]): Promise<Set<string>> {
  const logs = await Promise.all(
    nodes.map((node) => readLog(join(net.dataDir(node), 'log'), net.network.trust)),
  );
  return new Set(logs.map((log) => `${log.checkpoint.size} ${toHex(log.checkpoint.root)}`));
}

describe('authorities with real keys, databases and files', () => {
  it('agree on packages and write logs that a stranger can check', async () => {
    net = await TestAuthorities.make(4);
    const finals: number[][] = [];
    net.at(2).onFinal(({ entries }) => finals.push(entries.map((entry) => entry.index)));
    for (let version = 0; version < 3; version++) {
      expect(net.at(version).submit(net.transaction(purl(version)))).toMatchObject({ ok: true });
      await until(() => hasAll(version + 1));
    }
    await until(settled);
    const { height } = net.at(1).status();
    expect(height).toBeGreaterThan(2);
    await until(() =>
      net
        .at(1)
        .status()
        .peers.every((peer) => peer.height === height),
    );
    expect(finals).toEqual([
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
    expect(await rootsOf([0, 1, 2, 3])).toHaveLength(1);
    const { purls, checkpoint } = await readLog(join(net.dataDir(1), 'log'), net.network.trust);
    expect(purls).toEqual([purl(0), purl(1), purl(2)]);
    expect(checkpoint.cosigners).toHaveLength(3);
  });

  it('refuse a second record for a package version, and what no quorum attests', async () => {
    net = await TestAuthorities.make(4);
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => hasAll(1));
    expect(net.at(0).submit(net.transaction(purl(0), [1, 2, 3]))).toMatchObject({
      error: { code: 'E_ALREADY_IN_LOG' },
    });
    expect(net.at(0).submit(net.transaction(purl(1), [1, 2]))).toMatchObject({ ok: false });
  });

  it('take the leader that is silent for absent and go on', async () => {
    net = await TestAuthorities.make(4, { running: 3 });
    for (let version = 0; version < 5; version++) {
      net.at(version % 3).submit(net.transaction(purl(version)));
      await until(() => hasAll(version + 1));
    }
    await until(settled);
    expect(await rootsOf([0, 1, 2])).toHaveLength(1);
  });

  it('let one that was away catch up, files and all', async () => {
    net = await TestAuthorities.make(4);
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => hasAll(1));
    await net.end(3);
    for (let version = 1; version < 5; version++) {
      net.at(0).submit(net.transaction(purl(version)));
      await until(() => hasAll(version + 1));
    }
    await net.start(3);
    await until(() => hasAll(5) && settled());
    expect(await rootsOf([0, 1, 2, 3])).toHaveLength(1);
  });

  it('let one that starts late follow from the beginning, and vote', async () => {
    net = await TestAuthorities.make(4, { running: 3 });
    for (let version = 0; version < 4; version++) net.at(0).submit(net.transaction(purl(version)));
    await until(() => hasAll(4));
    await net.start(3);
    await until(() => hasAll(4));
    await net.end(0);
    net.at(1).submit(net.transaction(purl(4)));
    await until(() => hasAll(5) && settled());
    expect(net.at(3).status().halted).toBeUndefined();
    expect(await rootsOf([1, 2, 3])).toHaveLength(1);
  });

  it.each([1, 3, 7])('agree when they are %i', async (count) => {
    net = await TestAuthorities.make(count);
    const agree = Array.from({ length: Math.floor((2 * count) / 3) + 1 }, (_, node) => node);
    for (let version = 0; version < 3; version++) {
      net.at(0).submit(net.transaction(purl(version), agree));
      await until(() => hasAll(version + 1));
    }
    await until(settled);
    expect(await rootsOf([0, count - 1])).toHaveLength(1);
    expect(net.at(0).status().halted).toBeUndefined();
  });

  it('halt and say so when two of four are gone, and go on when one returns', async () => {
    net = await TestAuthorities.make(4);
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => hasAll(1));
    await net.end(2);
    await net.end(3);
    net.at(0).submit(net.transaction(purl(1)));
    await until(() => net.running.every((one) => one.status().halted !== undefined));
    expect(net.at(0).status().halted?.reason).toContain('only 2 of 4');
    expect(hasAll(2)).toBe(false);
    await net.start(3);
    await until(() => hasAll(2) && settled());
    expect(net.running.map((one) => one.status().halted)).toEqual([undefined, undefined, undefined]);
  });

  it('go on after all of them were ended in the middle of work', async () => {
    net = await TestAuthorities.make(4);
    for (let version = 0; version < 6; version++) net.at(version % 4).submit(net.transaction(purl(version)));
    await until(() => net.running.some((one) => one.status().view > 1));
    for (const node of [0, 1, 2, 3]) await net.end(node);
    for (const node of [0, 1, 2, 3]) await net.start(node);
    for (let version = 0; version < 6; version++) net.at(0).submit(net.transaction(purl(version)));
    await until(() => hasAll(6));
    await until(settled);
    expect(await rootsOf([0, 1, 2, 3])).toHaveLength(1);
  });

  it('write a lost log folder anew', async () => {
    net = await TestAuthorities.make(4);
    for (let version = 0; version < 3; version++) net.at(0).submit(net.transaction(purl(version)));
    await until(() => hasAll(3) && settled());
    await net.end(1);
    await rm(join(net.dataDir(1), 'log'), { recursive: true });
    const size = net.at(0).status().size;
    await net.start(1);
    await until(() => net.at(1).status().checkpoint?.size === size);
    expect(await rootsOf([0, 1])).toHaveLength(1);
  });

  it('cosign again with every heartbeat', async () => {
    net = await TestAuthorities.make(4, { timing: { heartbeat: 1_100 } });
    const notes: Uint8Array[] = [];
    net.at(0).onCheckpoint((note) => notes.push(note));
    await until(settled);
    const first = net.at(0).status().checkpoint?.freshAsOf ?? 0;
    await until(() => (net.at(0).status().checkpoint?.freshAsOf ?? 0) > first);
    const { checkpoint } = await readLog(join(net.dataDir(0), 'log'), net.network.trust);
    expect(checkpoint.size).toBe(2);
    expect(notes.at(-1)).toEqual(new Uint8Array(await readFile(join(net.dataDir(0), 'log', 'checkpoint'))));
  });
});

describe('an authority whose memory is not to be trusted', () => {
  it('whose database was wiped follows the others but votes no more', async () => {
    net = await TestAuthorities.make(4);
    for (let version = 0; version < 4; version++) {
      net.at(0).submit(net.transaction(purl(version)));
      await until(() => hasAll(version + 1));
    }
    await net.end(2);
    for (const name of await readdir(net.dataDir(2))) {
      if (name !== 'consensus.began') await rm(join(net.dataDir(2), name), { recursive: true });
    }
    await net.start(2);
    await until(() => hasAll(4));
    expect(net.at(2).status().halted?.reason).toContain('is gone');
    net.at(2).submit(net.transaction(purl(4)));
    await until(() => hasAll(5) && settled());
    expect(await rootsOf([0, 1, 2, 3])).toHaveLength(1);
  });

  it('whose database was damaged puts it aside, says so and votes no more, even after another start', async () => {
    net = await TestAuthorities.make(4);
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => hasAll(1));
    await net.end(1);
    const path = join(net.dataDir(1), 'consensus.db');
    const bytes = await readFile(path);
    bytes.fill(0x55, 4096 * 2, 4096 * 2 + 2048);
    await writeFile(path, bytes);
    for (let life = 0; life < 2; life++) {
      await net.start(1);
      expect(net.at(1).status().halted?.reason).toContain('damaged');
      await until(() => hasAll(1));
      await net.end(1);
    }
  });

  it.each([0, 512])('whose database was cut to %i bytes votes no more', async (bytes) => {
    net = await TestAuthorities.make(4);
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => hasAll(1));
    await net.end(1);
    await truncate(join(net.dataDir(1), 'consensus.db'), bytes);
    await net.start(1);
    expect(net.at(1).status().halted?.reason).toContain('database');
    await until(() => hasAll(1));
  });

  it('that was killed before it had a database starts as if for the first time', async () => {
    net = await TestAuthorities.make(4, { running: 3 });
    await mkdir(net.dataDir(3), { recursive: true });
    await writeFile(join(net.dataDir(3), 'consensus.db'), '');
    await net.start(3);
    expect(net.at(3).status().halted).toBeUndefined();
    expect(await readdir(net.dataDir(3))).toContain('consensus.began');
  });

  it('whose database belongs to another authority does not start', async () => {
    net = await TestAuthorities.make(4, { running: 1 });
    await net.end(0);
    await mkdir(net.dataDir(1), { recursive: true });
    await writeFile(
      join(net.dataDir(1), 'consensus.db'),
      await readFile(join(net.dataDir(0), 'consensus.db')),
    );
    await expect(net.start(1)).rejects.toMatchObject({ code: 'E_CONSENSUS_STATE' });
  });

  it('whose keys are not those of the set follows, and votes in nothing', async () => {
    net = await TestAuthorities.make(4, { running: 3 });
    const keyRing = { voteSeed: none, cosignSeed: none, logSeed: none, voteKeys: () => [] };
    const follower = createConsensus({
      trust: net.network.trust,
      name: net.nameOf(3),
      keyRing,
      dataDir: net.dataDir(3),
      transport: net.loopback.transport(net.nameOf(3)),
      now: Date.now,
    });
    await follower.start();
    net.at(0).submit(net.transaction(purl(0)));
    await until(() => follower.find(purl(0)) !== undefined);
    expect(follower.status().me).toBeUndefined();
    expect(
      net
        .at(0)
        .status()
        .peers.find(({ name }) => name === net.nameOf(3))?.lastVoteAt,
    ).toBeUndefined();
    await follower.stop();
  });
});

function none(): undefined {
  return undefined;
}
