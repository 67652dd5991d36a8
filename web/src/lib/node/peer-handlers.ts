import { createClock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import type { Handlers } from '../rpc/procedures.ts';
import type { PeerNode } from './peers/peer-node.ts';
import type { PeerProcedures } from './peer-procedures.ts';

/** A fetch that begins right after a reload waits this long for the libp2p node. */
const START_MS = 10_000;

/** Answers the engine about peers. libp2p is loaded only when this tab has to run it. */
export function peerHandlers(): Handlers<PeerProcedures> {
  const clock = createClock(globalThis);
  let started = Promise.withResolvers<PeerNode>();
  let node: PeerNode | undefined;
  const running = (): PeerNode => {
    if (node === undefined) throw new AssayError('E_UNREACHABLE');
    return node;
  };
  return {
    async run(config, { news, signal }) {
      const { startPeerNode } = await import('./peers/peer-node.ts');
      // Running that much code for the first time is a long task by itself.
      await clock.sleep(0);
      const own = await startPeerNode(config, news);
      node = own;
      started.resolve(own);
      try {
        return await own.until(signal);
      } finally {
        // The next one may have been started while this one was being stopped.
        if (node === own) {
          node = undefined;
          started = Promise.withResolvers();
        }
      }
    },
    async find(root, { news, signal }) {
      const ready = await withDeadline(clock, START_MS, signal, () => started.promise);
      await ready.find(root, news, signal);
      return null;
    },
    async readBlocks({ peer, root, references }, { news, signal }) {
      for await (const answer of running().readBlocks(peer, root, references, signal)) {
        const { block } = answer;
        news(answer, block === undefined ? [] : [block.buffer as ArrayBuffer]);
      }
      return null;
    },
    logPeers: async () => running().logPeers(),
    readLog: async ({ peer, path }, { signal }) => running().readLog(peer, path, signal),
    readLookup: async ({ peer, purl, known }, { signal }) => running().readLookup(peer, purl, known, signal),
    async announce(roots, { signal }) {
      await running().announce(roots, signal);
      return null;
    },
    async withdraw(roots, { signal }) {
      await running().withdraw(roots, signal);
      return null;
    },
    view: async () => running().view(),
  };
}
