import type { Clock } from '@assay/core/clock.ts';
import { realClock } from '@assay/core/clock.fixture.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import { verifySignature } from '@assay/core/node/test-log.fixture.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { CREATED } from '@assay/core/records/network.fixture.ts';
import { readFetchOrder } from '@assay/core/registry/page-messages.ts';
import { openIdbStores, type IdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import type { Page } from './ask-pages.ts';
import { FakeRelay } from './fake-relay.fixture.ts';
import { WorkerNode } from './worker-node.ts';

const ORIGIN = 'http://127.0.0.1:7473';
/** Runs ten times as fast as the machine's, so that tests of patience need less of it. */
const clock: Clock = {
  now: () => CREATED + 2000,
  elapsed: () => 10 * realClock.elapsed(),
  sleep: (ms, signal) => realClock.sleep(ms / 10, signal),
};
const TIMEOUT_MS = 20_000;

/** An origin of a browser: a relay that serves it, tabs that may be open, and the worker's node. */
export class TestOrigin {
  readonly relay: FakeRelay;
  readonly pages: Page[] = [];
  /** Whether a tab leads, so that the worker must not write the log. */
  isLed = false;

  private constructor(relay: FakeRelay) {
    this.relay = relay;
  }

  /** A browser that has never been here. */
  static async create(): Promise<TestOrigin> {
    globalThis.indexedDB = new IDBFactory();
    return new TestOrigin(await FakeRelay.create());
  }

  /** Opens a tab that leads. `online` is whether its node gets packs while it is asked by the worker. */
  async openTab({ online = true } = {}): Promise<{
    node: VerifiedNode;
    stores: IdbStores;
    orders: unknown[];
  }> {
    this.isLed = true;
    const { trust } = this.relay.log;
    const stores = await openIdbStores(trust.networkId, { clock });
    const mirror = createHttpMirror({
      baseUrl: ORIGIN,
      fetch: this.relay.fetch,
      clock,
      timeoutMs: TIMEOUT_MS,
    });
    const node = await VerifiedNode.open({
      trust,
      stores,
      clock,
      verifySignature,
      logSources: () => [mirror],
      finder: {
        async find(_root, onSource) {
          if (online) onSource(mirror);
        },
      },
    });
    const orders: unknown[] = [];
    this.pages.push(pageOf(node, orders));
    return { node, stores, orders };
  }

  /** The worker's node as after every start of the worker: everything it knows is in IndexedDB. */
  openWorker(): Promise<WorkerNode> {
    return WorkerNode.open({
      origin: ORIGIN,
      http: { fetch: this.relay.fetch, clock, timeoutMs: TIMEOUT_MS },
      verifySignature,
      pages: {
        matchAll: async () => this.pages,
        get: async (id) => this.pages.find((page) => page.id === id),
      },
      locks: { request: this.#requestLock as LockManager['request'] },
    });
  }

  readonly #requestLock = async (
    _name: string,
    _options: unknown,
    run: (lock: object | null) => unknown,
  ): Promise<unknown> => await run(this.isLed ? null : {});
}

/** Asks a worker's node for a path of its origin, as the fetch event does. */
export async function ask(node: WorkerNode, path: string): Promise<Response> {
  const url = new URL(path, ORIGIN);
  const handler = node.handlers.find(({ canHandle }) => canHandle(url));
  if (handler === undefined) throw new Error(`nobody answers ${path}`);
  return await handler.handle(new Request(url));
}

function pageOf(node: VerifiedNode, orders: unknown[]): Page {
  return {
    id: 'tab',
    visibilityState: 'visible',
    postMessage(message, [port]) {
      const order = readFetchOrder(message);
      orders.push(order);
      if (order === undefined || !(port instanceof MessagePort)) return;
      port.postMessage('accepted', []);
      void node
        .fetch(order.purl, order.artifact)
        .catch(() => undefined)
        .then(() => port.postMessage('ended', []));
    },
  };
}
