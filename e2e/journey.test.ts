// What a person does on the first day, with real packages from the registry that npm here is set to use.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { assay } from './harness/command-line.ts';
import { Network } from './harness/network.ts';
import { realRegistry, registryTarball } from './harness/real-registry.ts';
import { temporaryFolder, type TemporaryFolder } from './harness/temporary-folder.ts';
import { TestBrowser, type Visitor } from './harness/test-browser.ts';

const USABLE_WITHIN_MS = 60_000;
const registry = await realRegistry();
const reason = registry.url === undefined ? ` (skipped: ${registry.reason})` : '';

const packages = [
  { name: 'is-plain-obj', version: '4.1.0' },
  { name: 'lodash-es', version: '4.17.21' },
].map((one) => ({
  ...one,
  purl: `pkg:npm/${one.name}@${one.version}`,
  file: `${one.name}-${one.version}.tgz`,
}));

describe.skipIf(registry.url === undefined)(`the first day${reason}`, () => {
  let network: Network;
  let browser: TestBrowser;
  let visitor: Visitor;
  let folder: TemporaryFolder;
  let app: App;

  beforeAll(async () => {
    folder = await temporaryFolder('saved');
    browser = await TestBrowser.start();
    const started = performance.now();
    network = await Network.start({ registry: registry.url ?? '' });
    visitor = await browser.visitor({
      // Refusals that a test asks for, and the relay that the last test switches off.
      expected: [/Failed to load resource: .* 404/, /net::ERR_CONNECTION_REFUSED/],
    });
    app = new App(visitor.page, network.url);
    await app.open();
    expect(performance.now() - started).toBeLessThan(USABLE_WITHIN_MS);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await visitor.keepTraces());
  });

  afterAll(async () => {
    visitor?.insistOnSilence();
    await browser?.stop();
    await network?.stop();
    await folder?.remove();
  });

  it.each(packages)('requests $purl, watches it, and finds it in the log', async ({ purl }) => {
    await app.open(`/request?purl=${encodeURIComponent(purl)}`);
    const seen = await app.watch('[aria-current="step"]');
    await app.request(purl);
    // A step may be over before the page is drawn again; that there were any is seen live.
    expect(seen()).toContainEqual(
      expect.stringMatching(/^(?:Fetched by each authority|Agreed by \d of 4; 3 needed)$/),
    );
    const steps = await app.requestCard(purl).textContent();
    expect(steps).toContain('Fetched by each authority');
    expect(steps).toMatch(/Agreed by [34] of 4; 3 needed/);
  });

  it.each(packages)(
    'fetches $purl, sees Verified, and saves the bytes that the registry gives',
    async (wanted) => {
      await app.openVersion(wanted.purl);
      await app.fetch();
      await app.verdict('verified');
      for (const rung of [
        'bytes',
        'blocks',
        'record',
        'inclusion',
        'quorum',
        'history',
        'agreement',
      ] as const) {
        await app.rung(rung, 'pass');
      }
      const saved = await visitor.download(() => app.saveButton.click());
      expect(saved.name).toBe(wanted.file);
      const published = await registryTarball(registry.url ?? '', wanted.name, wanted.version);
      expect(Buffer.compare(saved.bytes, published)).toBe(0);
      await writeFile(join(folder.path, saved.name), saved.bytes);
    },
  );

  it.each(packages)(
    'exports evidence for $purl that the command line checks offline',
    async ({ purl, file, name }) => {
      await app.openVersion(purl);
      await app.verdict('verified');
      const exported = await visitor.download(() => app.exportButton.click());
      const evidence = join(folder.path, exported.name);
      const saved = join(folder.path, file);
      await writeFile(evidence, exported.bytes);
      const offline = { npm_config_registry: 'http://127.0.0.1:9/' };

      const honest = await assay(['verify', saved, '--evidence', evidence], offline);
      expect(honest.last).toMatchObject({ verdict: 'verified', purl });
      expect(honest.code).toBe(0);
      const pinned = await assay(['verify', saved, '--evidence', evidence, '--data', network.data], offline);
      expect(pinned.code).toBe(0);

      const edited = join(folder.path, `${name}.edited.tgz`);
      const bytes = exported.bytes.slice();
      await writeFile(edited, Buffer.concat([bytes.subarray(0, 100), Buffer.from('x')]));
      const wrongFile = await assay(['verify', edited, '--evidence', evidence], offline);
      expect(wrongFile.last).toMatchObject({ verdict: 'mismatch' });
      expect(wrongFile.code).toBe(3);

      const text = new TextDecoder().decode(exported.bytes);
      const forged = join(folder.path, `${name}.forged.json`);
      await writeFile(
        forged,
        text.replace(/"checkpoint":\s*"(.{40})./, (match) => flipLast(match)),
      );
      const wrongEvidence = await assay(['verify', saved, '--evidence', forged], offline);
      expect(wrongEvidence.code).not.toBe(0);
      expect(wrongEvidence.last['verdict']).not.toBe('verified');
    },
  );

  it('still has everything after a reload', async () => {
    await app.openVersion('pkg:npm/lodash-es@4.17.21');
    await visitor.page.reload();
    await app.verdict('verified');
    await app.saveButton.waitFor();
  });

  it('imports a module out of a verified tarball, and answers npm, in the page', async () => {
    const { page } = visitor;
    await app.open();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const isPlainObj = await page.evaluate(
      "import('/npm/is-plain-obj@4.1.0/index.js').then(({ default: is }) => [is({}), is([])])",
    );
    expect(isPlainObj).toEqual([true, false]);

    const packument = await ask(visitor, '/registry/npm/is-plain-obj');
    expect(packument.status).toBe(200);
    expect(packument.json).toMatchObject({
      name: 'is-plain-obj',
      versions: { '4.1.0': { version: '4.1.0' } },
    });
    expect(packument.headers['x-assay-log-size']).toMatch(/^\d+$/);

    const absent = await ask(visitor, '/registry/npm/never-heard-of');
    expect(absent.status).toBe(404);
    expect(absent.json).toMatchObject({ code: expect.stringMatching(/^E_/), reason: expect.any(String) });
  });

  it('shows a record that others brought in, without a reload', async () => {
    await app.open();
    await visitor.page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
    await network.addPackage('pkg:npm/mitt@3.0.1');
    await visitor.page.getByRole('link', { name: /mitt/ }).first().waitFor();
    expect(await visitor.page.evaluate(() => 'neverReloaded' in globalThis)).toBe(true);
  });

  it('works without any network: page, log, verdict, files', async () => {
    await app.open();
    await network.stop();
    await app.openVersion('pkg:npm/is-plain-obj@4.1.0', 'offline');
    await app.verdict('verified');
    const saved = await visitor.download(() => app.saveButton.click());
    expect(saved.bytes.length).toBeGreaterThan(1000);
    await app.open('/p/npm/is-plain-obj@4.1.0/files/index.js', 'offline');
    await visitor.page.getByText('export default function isPlainObject').waitFor();
    await app.open('/log', 'offline');
    await visitor.page
      .getByRole('link', { name: /lodash-es/ })
      .first()
      .waitFor();
    const module = await ask(visitor, '/npm/is-plain-obj@4.1.0/package.json');
    expect(module).toMatchObject({ status: 200, json: { version: '4.1.0' } });
  });
});

/** What the page gets for an address of its own origin. */
async function ask(
  { page }: Visitor,
  path: string,
): Promise<{ status: number; headers: Record<string, string>; json: unknown }> {
  return await page.evaluate(async (address) => {
    const answer = await fetch(address);
    const json: unknown = await answer.json();
    return { status: answer.status, headers: Object.fromEntries(answer.headers), json };
  }, path);
}

/** Another last character, still within base64. */
function flipLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');
}
