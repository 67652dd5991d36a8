// `assay up` starts, resumes and ends a network without leaving anything behind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assay, ASSAY } from './harness/command-line.ts';
import { eventually } from './harness/eventually.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { freePort, Network } from './harness/network.ts';
import { isAlive, Program } from './harness/program.ts';
import { temporaryFolder, type TemporaryFolder } from './harness/temporary-folder.ts';

let registry: FakeRegistry;
let folder: TemporaryFolder;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(smallRelease('seeded'));
  folder = await temporaryFolder('resumed');
});

afterAll(async () => {
  await registry?.stop();
  await folder?.remove();
});

async function allGone(pids: Iterable<number>): Promise<void> {
  const all = [...pids];
  expect(all).toHaveLength(5);
  await eventually('the end of every child', () => all.every((pid) => !isAlive(pid)), 10_000);
}

describe('assay up', () => {
  it('says one line per process and seeds a new network; Ctrl-C leaves no child', async () => {
    const network = await Network.start({
      registry: registry.url(),
      seeds: ['pkg:npm/seeded@1.0.0'],
      data: folder.path,
    });
    expect([...network.pids.keys()].toSorted()).toEqual(['ayla', 'borneo', 'cassini', 'delft', 'relay']);
    await eventually('the seed', () =>
      network.lines.find(({ event, state }) => event === 'seed' && state === 'in-log'),
    );
    const { code } = await network.stop({ keepData: true });
    expect(code).toBe(0);
    await allGone(network.pids.values());
  });

  it('resumes the same network on the same data, and refuses it a second time while it runs', async () => {
    const network = await Network.start({ registry: registry.url(), data: folder.path });
    try {
      expect(network.lines.find(({ event }) => event === 'ready')).toMatchObject({ resumed: true });
      const { last, code } = await network.assay('get', 'seeded', '-o', folder.path);
      expect(code).toBe(0);
      expect(last).toMatchObject({ event: 'saved', name: 'seeded-1.0.0.tgz' });

      const twin = await assay(['up', '--data', folder.path, '--port', String(await freePort())]);
      expect(twin.code).toBe(1);
      expect(twin.last).toMatchObject({ error: { code: 'E_FOLDER_IN_USE' } });
      expect((await network.assay('status')).code).toBe(0);
    } finally {
      await network.stop({ keepData: true });
    }
  });

  it('starts without a registry that can be reached, and says so', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/`;
    const network = await Network.start({ registry: nobody, seeds: ['pkg:npm/seeded@1.0.0'] });
    try {
      const said = await eventually('word about the seed', () =>
        network.lines.find(({ event, state }) => event === 'seed' && state === 'failed'),
      );
      expect(JSON.stringify(said)).toContain('E_UPSTREAM');
      expect((await fetch(network.url)).status).toBe(200);
    } finally {
      await network.stop();
    }
  });

  it('leaves no child when it is killed itself', async () => {
    const killed = await temporaryFolder('killed');
    const port = String(await freePort());
    const up = new Program([ASSAY, 'up', '--data', killed.path, '--port', port, '--seed', '', '--json'], {
      npm_config_registry: registry.url(),
    });
    await up.line('ready', ({ event }) => event === 'ready');
    const pids = up.lines.filter(({ event }) => event === 'process').map(({ pid }) => Number(pid));
    await up.stop('SIGKILL');
    await allGone(pids);
    await killed.remove();
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(registry.url()).port);
    const { code, last } = await assay(['up', '--data', folder.path, '--port', String(port)]);
    expect(code).toBe(1);
    expect(last).toMatchObject({ error: { code: 'E_PORT_IN_USE', fields: { port } } });
  });
});
