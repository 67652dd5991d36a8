import { onTestFinished } from 'vitest';
import { WorkerNode } from '../lib/node/worker-node.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { PeerProcedures } from '../lib/node/peer-procedures.ts';
import { portOf, type Handlers } from '../lib/rpc/procedures.ts';
import { serve } from '../lib/rpc/serve.ts';
import type { FakeRelay, HttpProcedures } from './fake-relay.ts';

/** A tab of the origin: its node, and ways to close or reload it. */
export interface Tab {
  readonly node: WorkerNode;
  close(): void;
  /** Closes the tab and opens it again with the same session. */
  reload(): Tab;
}

/** Opens tabs over one relay. All that they stored is deleted when the test has ended. */
export function openOrigin(relay: FakeRelay): { openTab(): Tab } {
  const open: (() => void)[] = [];
  onTestFinished(async () => {
    for (const close of open) close();
    await deleteEverything();
  });
  const openTab = (session: Storage = emptySession()): Tab => {
    let worker: Worker | undefined;
    const startWorker = (): Worker => {
      const { port1, port2 } = new MessageChannel();
      serve<HttpProcedures>(portOf(port1), relay.handlers);
      worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
      worker.postMessage({ http: port2 }, [port2]);
      return worker;
    };
    const storage = { persist: async () => false, persisted: async () => false };
    const node = new WorkerNode({ startWorker, peers: noPeers, storage, session });
    const close = (): void => worker?.terminate();
    open.push(close);
    return {
      node,
      close,
      reload() {
        close();
        return openTab(session);
      },
    };
  };
  return { openTab: () => openTab() };
}

function emptySession(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  } as Storage;
}

/** Tabs under test have no libp2p node. */
function noPeers(): Handlers<PeerProcedures> {
  const fail = (): Promise<never> => Promise.reject(new AssayError('E_UNREACHABLE'));
  return {
    run: (_config, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AssayError('E_ABORTED')));
      }),
    find: async () => null,
    readBlocks: fail,
    logPeers: async () => [],
    readLog: fail,
    readLookup: fail,
    announce: async () => null,
    withdraw: async () => null,
    view: async () => ({ addresses: [], peers: [] }),
  };
}

async function deleteEverything(): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith('assay') !== true) continue;
    await new Promise<void>((resolve, reject) => {
      const deletion = indexedDB.deleteDatabase(name);
      deletion.addEventListener('success', () => resolve());
      deletion.addEventListener('error', () => reject(new Error(`${name} cannot be deleted`)));
    });
  }
}
