import {
  CANCEL_FETCH,
  readFetchOrder,
  type FetchAnswer,
  type FetchOrder,
} from '@assay/core/registry/page-messages.ts';

/** What the service worker may ask for: a node that fetches, verifies and stores an artifact. */
export interface FetchingNode {
  fetch(
    purl: string,
    artifact: string,
    onProgress: (progress: { readonly phase: string; readonly received: number }) => void,
    signal?: AbortSignal,
  ): Promise<unknown>;
}

/**
 * Lets the service worker fetch through the node of this page, which reaches peers that the worker cannot: WebRTC exists only in
 * pages. `node` gives the node once there is one.
 */
export function answerServiceWorker(
  container: Pick<ServiceWorkerContainer, 'addEventListener' | 'startMessages'>,
  node: () => FetchingNode | undefined,
): void {
  container.addEventListener('message', ({ data, ports }) => {
    const order = readFetchOrder(data);
    const [port] = ports;
    if (order !== undefined && port !== undefined) void answer(order, port, node());
  });
  container.startMessages();
}

async function answer(order: FetchOrder, port: MessagePort, node: FetchingNode | undefined): Promise<void> {
  const tell = (news: FetchAnswer): void => port.postMessage(news, []);
  if (node === undefined) return tell('declined');
  const stop = new AbortController();
  port.addEventListener('message', ({ data }) => {
    if (data === CANCEL_FETCH) stop.abort();
  });
  port.start();
  tell('accepted');
  let stage = '';
  const { purl, artifact } = order;
  const fetching = node.fetch(
    purl,
    artifact,
    ({ phase, received }) => {
      if (stage !== (stage = `${phase} ${received}`)) tell('progress');
    },
    stop.signal,
  );
  // How it ended the worker sees for itself, in the store.
  await fetching.catch(() => undefined);
  tell('ended');
}
