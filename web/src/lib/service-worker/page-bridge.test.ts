import { describe, expect, it } from 'vitest';
import { CANCEL_FETCH } from '@assay/core/registry/page-messages.ts';
import { answerServiceWorker, type FetchingNode } from './page-bridge.ts';

const order = { type: 'assay-fetch', purl: 'pkg:npm/a@1.0.0', artifact: 'a-1.0.0.tgz' };

/** A page with this node, and a way to order something of it as the service worker does. */
function openPage(node: FetchingNode | undefined) {
  const container = new EventTarget();
  const startMessages = (): void => undefined;
  answerServiceWorker(Object.assign(container, { startMessages }) as never, () => node);
  return (data: unknown) => {
    const { port1: port, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port.addEventListener('message', (event) => heard.push(event.data));
    port.start();
    container.dispatchEvent(new MessageEvent('message', { data, ports: [port2] }));
    return { port, heard };
  };
}

describe('answerServiceWorker', () => {
  it('fetches through the node of the page and says when it gets on', async () => {
    const asked: unknown[] = [];
    const send = openPage({
      async fetch(purl, artifact, onProgress) {
        asked.push([purl, artifact]);
        for (const received of [0, 0, 1]) onProgress({ phase: 'receiving', received });
      },
    });
    const { heard, port } = send(order);
    await expect.poll(() => heard).toEqual(['accepted', 'progress', 'progress', 'ended']);
    expect(asked).toEqual([[order.purl, order.artifact]]);
    port.close();
  });

  it('says that it is done also when the fetch has failed', async () => {
    const { heard, port } = openPage({ fetch: () => Promise.reject(new Error('no source')) })(order);
    await expect.poll(() => heard).toEqual(['accepted', 'ended']);
    port.close();
  });

  it('stops when the worker says so', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const send = openPage({
      fetch: (_purl, _artifact, _onProgress, signal) => {
        signal?.addEventListener('abort', () => resolve());
        return promise;
      },
    });
    const { heard, port } = send(order);
    await expect.poll(() => heard).toEqual(['accepted']);
    port.postMessage(CANCEL_FETCH, []);
    await promise;
    await expect.poll(() => heard).toEqual(['accepted', 'ended']);
    port.close();
  });

  it('declines while it has no node, and does not hear other messages', async () => {
    const send = openPage(undefined);
    const { heard, port } = send(order);
    await expect.poll(() => heard).toEqual(['declined']);
    for (const other of [undefined, 'x', { type: 'other' }, { ...order, purl: 1 }]) {
      const second = send(other);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(second.heard).toEqual([]);
      second.port.close();
    }
    port.close();
  });
});
