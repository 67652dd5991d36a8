// Requests that go well, half well and wrong: what the requester is told, in the terminal and in the page.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { FakeRegistry, integrityOf, smallRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { temporaryFolder, type TemporaryFolder } from './harness/temporary-folder.ts';
import { TestBrowser } from './harness/test-browser.ts';

const AUTHORITIES = [0, 1, 2, 3];
let registry: FakeRegistry;
let network: Network;
let browser: TestBrowser;
let folder: TemporaryFolder;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  folder = await temporaryFolder('got');
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  // Each authority is shown a registry of its own from here on.
  for (const index of AUTHORITIES) await network.restartWithRegistry(index, registry.url(`view-${index}`));
});

afterAll(async () => {
  await browser?.stop();
  await network?.stop();
  await registry?.stop();
  await folder?.remove();
});

/** What the command line says of a request that fails: the coded error and what each authority saw. */
async function refusal(text: string): Promise<{ code: unknown; seen: readonly unknown[] }> {
  const { code, last } = await network.assay('request', text);
  expect(code).toBe(1);
  expect(last).toMatchObject({ state: 'failed' });
  const { error, authorities } = last as {
    error: { code: string };
    authorities: readonly { error?: { code: string }; digest?: string }[];
  };
  return { code: error.code, seen: authorities.map((one) => one.error?.code ?? one.digest) };
}

describe('the authorities agree', () => {
  it('on the newest version when none is named, and the files are those that were published', async () => {
    registry.publish(smallRelease('newest', '1.0.0'));
    const release = smallRelease('newest', '1.2.0');
    registry.publish(release);
    const { code, last } = await network.assay('request', 'newest');
    expect(code).toBe(0);
    expect(last).toMatchObject({ state: 'in-log', purl: 'pkg:npm/newest@1.2.0' });
    const got = await network.assay('get', 'newest', '-o', folder.path);
    expect(got.code).toBe(0);
    expect(Buffer.compare(await readFile(join(folder.path, 'newest-1.2.0.tgz')), release.tarball)).toBe(0);
    expect(await readdir(folder.path)).toEqual(['newest-1.2.0.tgz']);
  });

  it('on a scoped package', async () => {
    registry.publish(smallRelease('@scope/inner', '2.0.0-rc.1'));
    expect(await network.addPackage('pkg:npm/%40scope/inner@2.0.0-rc.1')).toBeGreaterThan(0);
    const { last } = await network.assay('get', '@scope/inner@2.0.0-rc.1', '-o', folder.path);
    expect(last).toMatchObject({ event: 'saved', name: 'inner-2.0.0-rc.1.tgz' });
  });

  it('three against one: it is recorded, and the page shows who saw something else', async () => {
    registry.publish(smallRelease('disputed'));
    registry.publish(smallRelease('disputed', '1.0.0', 'not as published'), 'view-2');
    await network.addPackage('pkg:npm/disputed@1.0.0');
    await browser.visit(async ({ page }) => {
      const app = new App(page, network.url);
      await app.openVersion('pkg:npm/disputed@1.0.0');
      await app.fetch();
      expect(await (await app.verdict('verified')).textContent()).toContain('cassini saw something else');
      expect(await (await app.rung('agreement', 'pass')).textContent()).toContain('3 of 4 authorities');
      await app.open('/authorities');
      const disputed = page.locator('[data-purl="pkg:npm/disputed@1.0.0"]');
      await disputed.getByText('saw other bytes').waitFor();
      expect(await disputed.textContent()).toMatch(
        /cassini\s+saw other bytes: disputed-1.0.0.tgz with SHA-256/,
      );
    });
    expect((await network.assay('status')).last['authorities']).toMatchObject({
      checked: { disagreements: { found: [{ purl: 'pkg:npm/disputed@1.0.0' }] } },
    });
  });
});

describe('the requester is told why', () => {
  it('when two saw this and two saw that: no record, and who saw what', async () => {
    registry.publish(smallRelease('split'));
    for (const view of ['view-1', 'view-3']) registry.publish(smallRelease('split', '1.0.0', 'other'), view);
    const { seen } = await refusal('split@1.0.0');
    expect(seen[0]).toEqual(seen[2]);
    expect(seen[1]).toEqual(seen[3]);
    expect(seen[0]).not.toEqual(seen[1]);
    await browser.visit(async ({ page }) => {
      const app = new App(page, network.url);
      await app.open('/request?purl=split@1.0.0');
      await page.getByRole('button', { name: 'Request', exact: true }).click();
      await app.sees('Result A');
      await app.sees('Result B');
      await app.openVersion('pkg:npm/split@1.0.0');
      await app.verdict('not-in-log');
    });
  });

  it('when nobody knows the package', async () => {
    const { code, seen } = await refusal('no-such-thing@1.0.0');
    expect(code).toBe('E_UPSTREAM_NO_PACKAGE');
    expect(new Set(seen)).toEqual(new Set(['E_UPSTREAM_NO_PACKAGE']));
  });

  it('when there is no such version', async () => {
    registry.publish(smallRelease('versioned'));
    expect((await refusal('versioned@9.9.9')).code).toBe('E_UPSTREAM_NO_VERSION');
  });

  it('when the bytes are not those that the registry names', async () => {
    const release = smallRelease('tampered');
    registry.publish({ ...release, integrity: integrityOf(new Uint8Array(1)) });
    expect((await refusal('tampered@1.0.0')).code).toBe('E_UPSTREAM_INTEGRITY');
  });

  it('when the registry fails', async () => {
    registry.misbehave('broken', (response) => void response.writeHead(500).end());
    expect((await refusal('broken@1.0.0')).code).toMatch(/^E_UPSTREAM/);
  });

  it('when the tarball is larger than the network takes', async () => {
    registry.publish(smallRelease('huge'));
    registry.misbehave('huge/-/huge-1.0.0.tgz', (response) => {
      response.writeHead(200, { 'content-length': String(300 * 1024 * 1024) });
      response.write(new Uint8Array(1024));
    });
    expect((await refusal('huge@1.0.0')).code).toBe('E_UPSTREAM_TOO_LARGE');
  });

  it('when the text names no package', async () => {
    const { code, last } = await network.assay('request', 'not a package!');
    expect(code).not.toBe(0);
    expect(last).toMatchObject({
      error: { code: expect.stringMatching(/^E_/), message: expect.any(String) },
    });
  });
});

describe('the command line', () => {
  it('lists and shows the log, and says so when there is no such entry', async () => {
    const list = await network.assay('log', 'list', '--last', '500');
    expect(list.lines.filter(({ kind }) => kind === 'artifact-add').length).toBeGreaterThanOrEqual(3);
    const genesis = await network.assay('log', 'show', '0');
    expect(genesis.last).toMatchObject({ index: 0, record: { kind: 'genesis' } });
    expect((await network.assay('log', 'show', '99999')).code).toBe(2);
  });

  it('tells files apart: recorded, changed, unknown', async () => {
    await mkdir(folder.path, { recursive: true });
    const good = join(folder.path, 'newest-1.2.0.tgz');
    const changed = join(folder.path, 'changed.tgz');
    await writeFile(changed, Buffer.concat([await readFile(good), Buffer.from('x')]));
    expect(await network.assay('verify', good)).toMatchObject({ code: 0, last: { verdict: 'verified' } });
    const wrong = await network.assay('verify', changed, '--purl', 'pkg:npm/newest@1.2.0');
    expect(wrong).toMatchObject({ code: 3, last: { verdict: 'mismatch' } });
    const unknown = await network.assay('verify', changed);
    expect(unknown).toMatchObject({ code: 4, last: { verdict: 'not-in-log' } });
    const absent = await network.assay('get', 'never-requested@1.0.0');
    expect(absent).toMatchObject({ code: 4, last: { verdict: 'not-in-log' } });
  });

  it('says how the network is', async () => {
    const { code, last } = await network.assay('status');
    expect(code).toBe(0);
    expect(last).toMatchObject({ synced: true, quorum: 3, relay: network.url });
  });
});
