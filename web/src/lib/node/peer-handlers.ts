import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Handlers } from '../rpc/procedures.ts';
import type { PeerNode } from './peers/peer-node.ts';
import type { PeerProcedures } from './peer-procedures.ts';

/** Answers the engine about peers. libp2p is loaded only when this tab has to run it. */
export function peerHandlers(): Handlers<PeerProcedures> {
  let node: PeerNode | undefined;
  const running = (): PeerNode => {
    if (node === undefined) throw new AssayError('E_UNREACHABLE');
    return node;
  };
  return {
    async run(config, { news, signal }) {
      const { startPeerNode } = await import('./peers/peer-node.ts');
      node = await startPeerNode(config, news);
      try {
        return await node.until(signal);
      } finally {
        node = undefined;
      }
    },
    async find(root, { news, signal }) {
      await running().find(root, news, signal);
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
