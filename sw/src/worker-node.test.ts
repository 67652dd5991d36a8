import { describe, expect, it } from 'vitest';
import { CREATED } from '@assay/core/records/network.fixture.ts';
import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import {
  deleteOriginDatabase,
  keepModeChoice,
  openOriginDatabase,
} from '@assay/stores/idb/origin-database.ts';
import { deleteStoreDatabase } from '@assay/stores/idb/database.ts';
import { ask, TestOrigin } from './worker-node.fixture.ts';

const moduleOf = (text: string) => ({ 'index.js': `export default '${text}';` });

/** An origin whose relay has one package. */
async function originWithPackage(): Promise<TestOrigin> {
  const origin = await TestOrigin.create();
  await origin.relay.add('one', '1.0.0', moduleOf('one'));
  return origin;
}

async function chooseMode(choice: ModeChoice): Promise<void> {
  const database = await openOriginDatabase();
  await keepModeChoice(database, choice);
  database.close();
}

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code: unknown }).code;

describe('WorkerNode', () => {
  it('hands out what a tab has stored, without asking anybody', async () => {
    const origin = await originWithPackage();
    const tab = await origin.openTab();
    await tab.node.sync();
    await tab.node.fetch('pkg:npm/one@1.0.0', 'one-1.0.0.tgz');
    const worker = await origin.openWorker();
    origin.relay.isReachable = false;
    const file = await ask(worker, '/npm/one@1.0.0/index.js');
    expect([file.status, await file.text()]).toEqual([200, "export default 'one';"]);
    expect(file.headers.get('x-assay-log-size')).toBe(String(origin.relay.log.size));
    const tarball = await ask(worker, '/registry/npm/one/-/one-1.0.0.tgz');
    expect(new Uint8Array(await tarball.arrayBuffer())).toEqual(origin.relay.tarballs.get('one@1.0.0'));
    expect(tab.orders).toEqual([]);
  });

  it('lets a tab fetch what is missing, and checks it itself', async () => {
    const origin = await originWithPackage();
    const tab = await origin.openTab();
    await tab.node.sync();
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    expect(tab.orders).toEqual([
      { type: 'assay-fetch', purl: 'pkg:npm/one@1.0.0', artifact: 'one-1.0.0.tgz' },
    ]);
    const packs = origin.relay.asked.filter((path) => path.startsWith('pack/'));
    expect(packs).toHaveLength(1);
  });

  it('goes to the mirrors itself when the tab does not get it', async () => {
    const origin = await originWithPackage();
    const tab = await origin.openTab({ online: false });
    await tab.node.sync();
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    expect(tab.orders).toHaveLength(1);
  });

  it('follows the log that the tab writes', async () => {
    const origin = await originWithPackage();
    const tab = await origin.openTab();
    await tab.node.sync();
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/two@1.0.0/index.js')).status).toBe(404);
    await origin.relay.add('two', '1.0.0', moduleOf('two'));
    await tab.node.sync();
    expect(await worker.follow()).toBe(true);
    expect((await ask(worker, '/npm/two@1.0.0/index.js')).status).toBe(200);
  });

  it('is light when that was chosen: replays nothing and proves each answer', async () => {
    const origin = await originWithPackage();
    await chooseMode('light');
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    const missing = await ask(worker, '/registry/npm/none');
    expect([missing.status, await codeOf(missing)]).toEqual([404, 'E_REGISTRY_NOT_IN_LOG']);
    expect(origin.relay.asked.filter((path) => path.startsWith('tile/'))).toEqual([]);
    await origin.relay.add('two', '1.0.0', moduleOf('two'));
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    origin.relay.isReachable = false;
    expect((await ask(worker, '/registry/npm/other')).status).toBe(503);
  });

  it('is opened anew when another mode was chosen', async () => {
    const origin = await originWithPackage();
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    expect(await worker.follow()).toBe(true);
    await chooseMode('light');
    expect(await worker.follow()).toBe(false);
  });

  it('pins the network and syncs by itself while no tab is there', async () => {
    const origin = await originWithPackage();
    const worker = await origin.openWorker();
    expect((await ask(worker, '/npm/one@1.0.0/index.js')).status).toBe(200);
    const missing = await ask(worker, '/npm/none@1.0.0/index.js');
    expect([missing.status, await codeOf(missing)]).toEqual([404, 'E_REGISTRY_NOT_IN_LOG']);
    origin.relay.isReachable = false;
    const again = await origin.openWorker();
    expect((await ask(again, '/npm/one@1.0.0/index.js')).status).toBe(200);
  });

  it('waits for the tab that syncs for the first time, instead of writing beside it', async () => {
    const origin = await originWithPackage();
    const tab = await origin.openTab();
    const worker = await origin.openWorker();
    const answer = ask(worker, '/npm/one@1.0.0/index.js');
    setTimeout(() => void tab.node.sync(), 100);
    expect((await answer).status).toBe(200);
  });

  it('says 503, not 404, as long as the log is not there', async () => {
    const origin = await originWithPackage();
    await origin.openTab();
    const worker = await origin.openWorker();
    const answer = await ask(worker, '/npm/one@1.0.0/index.js');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('never hands out a byte of what no source delivers unchanged', async () => {
    const origin = await originWithPackage();
    const worker = await origin.openWorker();
    origin.relay.isLying = true;
    const answer = await ask(worker, '/registry/npm/one/-/one-1.0.0.tgz');
    expect([answer.status, await codeOf(answer)]).toEqual([503, 'E_REGISTRY_UNAVAILABLE']);
    origin.relay.isLying = false;
    expect((await ask(worker, '/registry/npm/one/-/one-1.0.0.tgz')).status).toBe(200);
  });

  it('wants to be opened anew when the tab has found two contradicting checkpoints', async () => {
    const origin = await originWithPackage();
    const { node, stores } = await origin.openTab();
    await node.sync();
    const worker = await origin.openWorker();
    const anchor = await stores.anchors.load();
    if (anchor === undefined) throw new Error('the tab has saved no anchor');
    const second = await origin.relay.log.note({ root: new Uint8Array(32), time: CREATED + 1500 });
    await stores.anchors.save({ ...anchor, conflict: { first: anchor.checkpoint, second } });
    expect(await worker.follow()).toBe(false);
    worker.close();
    const careful = await origin.openWorker();
    expect((await ask(careful, '/npm/one@1.0.0/index.js')).status).toBe(502);
    expect((await ask(careful, '/npm/none@1.0.0/index.js')).status).toBe(503);
  });

  it('fails, to be opened anew, when everything stored was deleted', async () => {
    const origin = await originWithPackage();
    const worker = await origin.openWorker();
    await ask(worker, '/npm/one@1.0.0/index.js');
    await deleteStoreDatabase(origin.relay.log.trust.networkId);
    await deleteOriginDatabase();
    await expect(worker.follow()).rejects.toMatchObject({ code: 'E_STORE' });
    const fresh = await origin.openWorker();
    expect((await ask(fresh, '/npm/one@1.0.0/index.js')).status).toBe(200);
  });

  it('cannot be opened while no network is known or to be found', async () => {
    const origin = await TestOrigin.create();
    origin.relay.isReachable = false;
    await expect(origin.openWorker()).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
  });
});
