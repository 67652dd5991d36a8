import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { arrayOf, bytes, decodeWith, optional, shape } from '../encoding/cbor-shape.ts';
import { unwrap } from '../errors/result.ts';
import { maxFrameBytes, MAX_REFERENCES_PER_REQUEST } from '../protocols.ts';
import type { ArtifactStore } from '../swarm/block-store.ts';
import { FrameClient, type OpenStream } from './frame-client.ts';
import { serveFrames } from './serve-frames.ts';
import type { PeerSource } from './sources.ts';
import type { UploadGate } from './upload-gate.ts';

const MAX_BLOCK_BYTES = 32 * 1024;
/** A block may wait in the other side's upload gate; no answer at all for this long is a dead peer. */
const TIMEOUT_MS = 15_000;

const reference = bytes({ length: 32 });
const readRequest = shape({
  root: reference,
  refs: arrayOf(reference, { max: MAX_REFERENCES_PER_REQUEST }),
});
const readAnswer = shape({ ref: reference, block: optional(bytes({ maxLength: MAX_BLOCK_BYTES })) });

/** What serving blocks needs of a store. */
export type BlockLookup = Pick<ArtifactStore, 'findBlock'>;

/**
 * Serves blocks of complete packs on one stream of `/assay/blocks/1`: `{root, refs}` → one `{ref, block?}` per reference, in order.
 * A block that is not held, or not to be given away, is answered without `block`.
 */
export function serveBlocks(
  stream: Stream,
  options: { store: BlockLookup; gate: UploadGate; clock: Clock; onSent?: (bytes: number) => void },
): Promise<void> {
  return serveFrames(
    stream,
    async function* (frame) {
      const { root, refs } = unwrap(decodeWith(frame, readRequest));
      for (const ref of refs) {
        const block = await options.store.findBlock(root, ref);
        if (block === undefined || !(await options.gate.admit(block.length))) {
          yield { ref };
          continue;
        }
        options.onSent?.(block.length);
        yield { ref, block };
      }
    },
    options,
  );
}

/** A PeerSource over `/assay/blocks/1` to one peer. What it gives is unchecked. */
export function createBlockClient(options: {
  id: string;
  label: string;
  transport?: string;
  open: OpenStream;
  clock: Clock;
}): PeerSource {
  const { id, label, transport } = options;
  const client = new FrameClient({
    open: options.open,
    clock: options.clock,
    timeoutMs: TIMEOUT_MS,
    maxFrameBytes: maxFrameBytes.blocks,
    maxBufferedBytes: (MAX_REFERENCES_PER_REQUEST + 1) * maxFrameBytes.blocks,
  });
  return {
    kind: 'peer',
    id,
    label,
    ...(transport === undefined ? {} : { transport }),
    async *readBlocks(root, references, signal) {
      const request = { root, refs: [...references] };
      for await (const frame of client.answers(request, references.length, signal)) {
        const answer = unwrap(decodeWith(frame, readAnswer));
        yield { reference: answer.ref, block: answer.block };
      }
    },
  };
}
