// The authorities change while requests stream in and processes are killed: nothing is lost, and any client can follow from genesis.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubleSignings, publishedTree } from './harness/authority-files.ts';
import { eventually } from './harness/eventually.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { Members } from './harness/members.ts';
import { Network } from './harness/network.ts';
import { RequestStream } from './harness/request-stream.ts';

const FOUNDERS = ['ayla', 'borneo', 'cassini', 'delft'];
let registry: FakeRegistry;
let network: Network;
let members: Members;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  network = await Network.start({ registry: registry.url() });
  members = await Members.of(network);
  // They follow from now on, whoever is going to let them in.
  await Promise.all(['etna', 'fuji', 'gozo'].map((name) => members.join(name, registry.url())));
});

afterAll(async () => {
  await members?.stop();
  await network?.stop();
  await registry?.stop();
});

const fileOf = async (path: string): Promise<string> => await readFile(path, 'utf8');

/** Waits until all of these have published the same tree. */
async function sameTree(names: readonly string[]): Promise<void> {
  await eventually('one tree on all authorities', async () => {
    const trees = await Promise.all(names.map((name) => publishedTree(members.folder(name))));
    return new Set(trees.map(({ root }) => root)).size === 1;
  });
}

/** Everybody but those named. */
const without = (names: readonly string[], ...gone: string[]): string[] =>
  names.filter((name) => !gone.includes(name));

/** Makes a change with one member killed after the approvals are given; it is started again once the change is made. */
async function change(
  epoch: number,
  set: readonly string[],
  parts: { add?: readonly string[]; remove?: readonly string[] },
  victim: string,
): Promise<string[]> {
  const removed = parts.remove ?? [];
  const files = await Promise.all(
    (parts.add ?? []).map((name) => fileOf(join(members.folder(name), 'candidate.txt'))),
  );
  const next = [...without(set, ...removed), ...(parts.add ?? [])];
  await members.approve(without(set, victim), { add: files, remove: removed });
  await members.kill(victim);
  await members.epoch(epoch, next, without(next, victim));
  await members.start(victim);
  await members.epoch(epoch, next);
  return next;
}

describe('under a stream of requests, with one member killed in every change', () => {
  let stream: RequestStream;
  let set = FOUNDERS;

  it('four authorities become five by the word of three operators', async () => {
    stream = new RequestStream(network, registry);
    const file = join(members.folder('etna'), 'candidate.txt');
    const approvals = [];
    for (const name of ['ayla', 'borneo', 'cassini']) {
      approvals.push(await members.command(name, 'approve', name === 'cassini' ? 'etna' : file));
    }
    expect(approvals.map(({ code }) => code)).toEqual([0, 0, 0]);
    await members.kill('delft');
    set = [...FOUNDERS, 'etna'];
    await members.epoch(2, set, without(set, 'delft'));
    await members.start('delft');
    await members.epoch(2, set);
    const { last } = await members.command('etna', 'status');
    expect(last).toMatchObject({ name: 'etna', role: 'member', epoch: 2, needed: 4 });
  });

  it('five become seven', async () => {
    set = await change(3, set, { add: ['fuji'] }, 'ayla');
    set = await change(4, set, { add: ['gozo'] }, 'etna');
    expect(set).toHaveLength(7);
  });

  it('seven become four, and those who left say so and still serve the log', async () => {
    set = await change(5, set, { remove: ['delft', 'fuji'] }, 'borneo');
    set = await change(6, set, { remove: ['gozo'] }, 'cassini');
    expect(set.toSorted()).toEqual(['ayla', 'borneo', 'cassini', 'etna']);
    await members.epoch(6, set, ['delft', 'fuji', 'gozo']);
    const former = await members.status('gozo');
    expect(former).toMatchObject({ role: 'removed', epoch: 6 });
    expect(former.notices.join(' ')).toContain('not an authority any more');
  });

  it('nothing that was asked for is lost, and nobody has voted twice', async () => {
    await stream.stop();
    expect(stream.failed).toEqual([]);
    expect(stream.inLog.length).toBeGreaterThan(5);
    await sameTree(set);
    const everybody = [...set, 'delft', 'fuji', 'gozo'];
    await eventually('those who left to have followed', async () => {
      const heights = await Promise.all(
        everybody.map(async (name) => (await members.status(name)).consensus.height),
      );
      return new Set(heights).size === 1;
    });
    expect(everybody.flatMap((name) => doubleSignings(members.folder(name)))).toEqual([]);
  });

  it('the command line follows all hand-offs from genesis and finds every record', async () => {
    const { code, lines } = await network.assay('log', 'list', '--last', '10000');
    expect(code).toBe(0);
    const handoffs = lines.filter(({ kind }) => kind === 'epoch-handoff');
    expect(handoffs.map(({ epoch }) => epoch)).toEqual([2, 3, 4, 5, 6]);
    const adds = lines.filter(({ kind }) => kind === 'artifact-add').map(({ purl }) => purl);
    expect(adds.toSorted()).toEqual(stream.inLog.toSorted());
    const keys = await Promise.all(set.map((name) => members.status(name)));
    for (const one of keys)
      expect([one.name, one.keys.filter(({ inForce }) => inForce).length]).toEqual([one.name, 1]);
  });
});

describe('an authority whose database is gone', () => {
  it('says what to do, does not vote, and comes back with new keys', async () => {
    const set = ['ayla', 'borneo', 'cassini', 'etna'];
    await members.kill('borneo');
    for (const suffix of ['', '-wal', '-shm']) {
      await rm(join(members.folder('borneo'), `consensus.db${suffix}`), { force: true });
    }
    await members.start('borneo');
    const wiped = await members.status('borneo');
    expect(wiped.consensus.halted?.reason).toContain('may have forgotten votes');
    expect(wiped.notices.join(' ')).toContain('assay authority candidate --new-keys');

    await members.kill('borneo');
    const made = await members.command('borneo', 'candidate', '--new-keys');
    expect(made.code).toBe(0);
    await members.start('borneo');
    const file = await fileOf(String(made.last['candidate']));
    await members.approve(without(set, 'borneo'), { add: [file] });
    await members.epoch(7, set);
    await eventually('borneo to be a member that votes', async () => {
      const { role, consensus } = await members.status('borneo');
      return role === 'member' && consensus.halted === undefined;
    });

    // Without another member its vote is needed for anything to become final.
    await members.kill('ayla');
    await eventually(
      'the others to show that it is away',
      async () => {
        const { members: seen } = await members.status('cassini');
        return seen.find(({ name }) => name === 'ayla')?.reachable === false;
      },
      10_000,
    );
    registry.publish(smallRelease('after-the-return'));
    expect(await network.addPackage('pkg:npm/after-the-return@1.0.0')).toBeGreaterThan(0);
  });
});
