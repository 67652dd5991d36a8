import type { HttpMirror } from '@assay/core/net/http-mirror.ts';
import type {
  BlockAnswer,
  LogSource,
  ReadLookup,
  PeerSource,
  SourceFinder,
} from '@assay/core/net/sources.ts';
import type { FoundPeer, PeerProcedures } from '../../lib/node/peer-procedures.ts';
import type { Caller } from '../../lib/rpc/procedures.ts';

/** Everyone who may have an artifact: all mirrors at once, peers as the window's libp2p node connects to them. */
export function artifactFinder(
  mirrors: () => readonly HttpMirror[],
  peers: Caller<PeerProcedures>,
): SourceFinder {
  return {
    async find(root, onSource, signal) {
      for (const mirror of mirrors()) onSource(mirror);
      const onNews = (peer: FoundPeer): void => onSource(peerSource(peer, peers));
      await peers.call('find', root, { onNews, signal }).catch(() => undefined);
    },
  };
}

/** Connected peers that serve the log. */
export async function logPeers(peers: Caller<PeerProcedures>): Promise<readonly LogSource[]> {
  const ids = await peers.call('logPeers', null);
  return ids.map((peer): LogSource => {
    const read = (path: string, signal?: AbortSignal): Promise<Uint8Array> =>
      peers.call('readLog', { peer, path }, signal === undefined ? {} : { signal });
    const lookup: ReadLookup = (purl, known, signal) =>
      peers.call('readLookup', { peer, purl, known }, signal === undefined ? {} : { signal });
    return { id: peer, checkpoint: (signal) => read('checkpoint', signal), read, lookup };
  });
}

function peerSource({ id, label, transport }: FoundPeer, peers: Caller<PeerProcedures>): PeerSource {
  return {
    kind: 'peer',
    id,
    label,
    transport,
    async *readBlocks(root, references, signal) {
      const answers = new Inbox<BlockAnswer>();
      const stop = new AbortController();
      const cancel = (): void => stop.abort(signal?.reason);
      signal?.addEventListener('abort', cancel, { once: true });
      const asked = peers
        .call(
          'readBlocks',
          { peer: id, root, references },
          { onNews: (one) => answers.put(one), signal: stop.signal },
        )
        .then(
          () => answers.end(),
          (error: unknown) => answers.end(error),
        );
      try {
        yield* answers;
        await asked;
      } finally {
        stop.abort();
        signal?.removeEventListener('abort', cancel);
      }
    },
  };
}

/** Values that come by call, to be read by loop. At most 32 blocks are asked for at a time, so it stays small. */
class Inbox<T> implements AsyncIterable<T> {
  #values: T[] = [];
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  put(value: T): void {
    this.#values.push(value);
    this.#wake?.();
  }

  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      yield* this.#values.splice(0);
      if (this.#values.length > 0) continue;
      if (this.#ended && this.#error !== undefined) throw this.#error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
