// Authorities are killed at bad moments: requests still finish, nothing final is lost, nobody votes twice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASSAY } from './harness/command-line.ts';
import { App } from './harness/app.ts';
import { doubleSignings, publishedTree } from './harness/authority-files.ts';
import { eventually } from './harness/eventually.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { Program } from './harness/program.ts';
import { TestBrowser } from './harness/test-browser.ts';

const AUTHORITIES = [0, 1, 2, 3];
let registry: FakeRegistry;
let network: Network;
let browser: TestBrowser;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  // Slow enough that a request passes through every state while a test looks on.
  registry.delayMs = 60;
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
});

afterAll(async () => {
  await browser?.stop();
  await network?.stop();
  await registry?.stop();
});

function publish(name: string): string {
  registry.publish(smallRelease(name));
  return `pkg:npm/${name}@1.0.0`;
}

/** Waits until all authorities have published the same tree of at least `size` entries. */
async function sameTree(size: number): Promise<void> {
  await eventually(`one tree of ${size} entries or more on all authorities`, async () => {
    const trees = await Promise.all(
      AUTHORITIES.map((index) => publishedTree(network.authorityFolder(index))),
    );
    const [first] = trees;
    return first !== undefined && first.size >= size && trees.every(({ root }) => root === first.root);
  });
}

async function everyPurlIsThere(purls: readonly string[]): Promise<void> {
  const { code, lines } = await network.assay('log', 'list', '--last', '1000');
  expect(code).toBe(0);
  expect(lines.map(({ purl }) => purl)).toEqual(expect.arrayContaining([...purls]));
}

/** How `assay status --json` reports an authority that does not answer. */
function silentMember(name: string): unknown {
  return expect.objectContaining({ name, state: 'silent' });
}

describe('one authority of four is killed', () => {
  const done: string[] = [];

  it.each([
    { victim: 0, moment: 'queued' },
    { victim: 1, moment: 'fetching' },
    { victim: 2, moment: 'agreeing' },
    { victim: 3, moment: 'ordering' },
  ])(
    'while a request is $moment: it finishes, and authority $victim catches up',
    async ({ victim, moment }) => {
      const purl = publish(`killed-while-${moment}`);
      const request = new Program([ASSAY, 'request', purl, '--data', network.data, '--json']);
      const order = ['queued', 'fetching', 'agreeing', 'ordering', 'in-log'];
      await request.line(
        `state ${moment}`,
        ({ state }) => order.indexOf(String(state)) >= order.indexOf(moment),
      );
      await network.kill(victim);
      expect(await request.ended, request.transcript()).toEqual({ code: 0, signal: null });
      done.push(purl);

      const index = Number(request.lines.at(-1)?.['index']);
      await network.restart(victim);
      await sameTree(index + 2);
    },
  );

  it('and the page of the authorities shows it within ten seconds, and that it is back', async () => {
    const victim = 2;
    const name = (await network.trust()).current.authorities[victim]?.name ?? '';
    await browser.visit(async ({ page }) => {
      const app = new App(page, network.url);
      await app.open('/authorities');
      const shown = (state: string) => page.locator(`[data-authority="${name}"][data-state="${state}"]`);
      await shown('votes').or(shown('reachable')).waitFor();
      await app.sees(/^Final as of/);
      await network.kill(victim);
      await shown('silent').waitFor({ timeout: 10_000 });
      await app.sees(`Not heard: ${name}.`);
      await app.sees('3 of 4; 3 must agree');
      const { code, last } = await network.assay('status');
      expect(code).toBe(0);
      expect(last['authorities']).toMatchObject({
        checked: { epoch: 1, quorum: 3, equivocations: [] },
        reported: { reachable: 3, members: expect.arrayContaining([silentMember(name)]) as unknown },
      });
      await network.restart(victim);
      await shown('votes').or(shown('reachable')).waitFor();
    });
  });

  it('again and again while requests go on: nothing final is lost and nothing is voted twice', async () => {
    const purls = Array.from({ length: 6 }, (_, number) => publish(`under-fire-${number}`));
    const requests = purls.map((purl) => network.addPackage(purl));
    for (const victim of [3, 1]) {
      await network.kill(victim);
      await network.restart(victim);
    }
    const indices = await Promise.all(requests);
    await sameTree(Math.max(...indices) + 2);
    await everyPurlIsThere([...done, ...purls]);
    expect(AUTHORITIES.flatMap((index) => doubleSignings(network.authorityFolder(index)))).toEqual([]);
  });
});

describe('two authorities of four are killed', () => {
  it('the network halts and says so, and goes on when one returns', async () => {
    await network.checkpoint(1);
    const before = (await network.status()).relay.size;
    await network.kill(0);
    await network.kill(2);
    const purl = publish('asked-while-halted');
    const request = new Program([ASSAY, 'request', purl, '--data', network.data, '--json']);
    await eventually('both that are left to say that they have halted', async () => {
      const { authorities, relay } = await network.status();
      const left = authorities.filter(({ reachable }) => reachable);
      return relay.authoritiesReachable === 2 && left.every(({ halted }) => halted !== undefined);
    });
    const said = await network.assay('status');
    expect(JSON.stringify(said.last)).toContain('only 2 of 4 authorities are in touch');
    await browser.visit(async ({ page }) => {
      const app = new App(page, network.url);
      await app.open('/network');
      await app.sees('2 of 4 reachable; 3 must agree on every new entry.');
      await app.sees('The log cannot grow until more of them are back.');
    });
    expect(request.running).toBe(true);
    expect((await network.status()).relay.size).toBe(before);

    await network.restart(0);
    expect(await request.ended, request.transcript()).toEqual({ code: 0, signal: null });
    await eventually('nobody to be halted any more', async () => {
      const { authorities } = await network.status();
      return authorities.every(({ halted }) => halted === undefined);
    });
    await network.restart(2);
    await sameTree(Number(request.lines.at(-1)?.['index']) + 2);
  });
});
