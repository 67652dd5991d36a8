import { blockSizeFor, encodeCapability } from '@assay/core/eris/capability.ts';
import { nobleKernel } from '@assay/core/eris/kernel.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import type { ArtifactStore } from '@assay/core/swarm/block-store.ts';
import { piecesOf } from './pieces.ts';

/**
 * Encodes a checked artifact and stores its pack, so that this authority can serve it. Gives the 66-byte read
 * capability. A pack that is there already is left alone.
 */
export async function keepPack(
  store: ArtifactStore,
  content: Uint8Array,
  from: { readonly purl: string; readonly name: string },
): Promise<Uint8Array> {
  const pack = await buildPack(() => piecesOf(content), { blockSize: blockSizeFor(content.length) });
  const capability = encodeCapability(pack.capability);
  const { rootReference: root, blockSize } = pack.capability;
  if (await store.has(root)) return capability;
  const writer = await store.begin({ root, capability, blockSize, contentSize: content.length, ...from });
  try {
    const references: Uint8Array[] = [];
    const have = writer.have();
    for await (const block of pack.blocks()) {
      if (!have.has(references.length)) await writer.put(references.length, block);
      references.push(nobleKernel.referenceOf(block));
    }
    await writer.commit(references);
  } finally {
    await writer.close();
  }
  return capability;
}
