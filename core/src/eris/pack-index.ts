import { toBase32 } from '../encoding/base32.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { BlockSize, ReadCapability } from './capability.ts';
import type { GetBlock } from './decode.ts';
import { nobleKernel, type BlockKernel } from './kernel.ts';
import { createPackPlan } from './pack-plan.ts';

/** Brings block `index` of a stored pack; undefined when it is not there. */
export type ReadPackBlock = (index: number) => Promise<Uint8Array | undefined>;

/**
 * The numbers of all blocks of a stored pack by the lower-case hex of their reference. Reads and checks the nodes
 * only. Fails with `E_ERIS_…` when they are not those of the capability.
 */
export async function indexPack(
  capability: ReadCapability,
  contentSize: number,
  readBlock: ReadPackBlock,
  kernel?: BlockKernel,
): Promise<Result<Map<string, number>>> {
  const made = createPackPlan(capability, contentSize, kernel);
  if (!made.ok) return made;
  const plan = made.value;
  for (let index = 0; plan.total === undefined; index++) {
    const slot = plan.known()[index];
    if (slot === undefined) throw new Error('Accepted nodes reveal their children');
    const block = await readBlock(index);
    if (block === undefined) return fail('E_ERIS_BLOCK_MISSING', { reference: toBase32(slot.reference) });
    const accepted = plan.accept(index, block);
    if (!accepted.ok) return accepted;
  }
  return ok(new Map(plan.known().map(({ reference, index }) => [toHex(reference), index])));
}

/**
 * The same index for a pack or a mere pile of blocks of which only the number is known: reads and hashes every block.
 * Blocks are named by what they are, so nothing can be wrong here but a block of another size (`E_ERIS_BLOCK_LENGTH`).
 */
export async function indexBlocks(
  blockSize: BlockSize,
  blockCount: number,
  readBlock: ReadPackBlock,
  kernel: BlockKernel = nobleKernel,
): Promise<Result<Map<string, number>>> {
  const indexes = new Map<string, number>();
  for (let index = 0; index < blockCount; index++) {
    const block = await readBlock(index);
    if (block?.length !== blockSize) {
      const fields = { reference: `block ${index}`, have: block?.length ?? 0, want: blockSize };
      return fail('E_ERIS_BLOCK_LENGTH', fields);
    }
    indexes.set(toHex(kernel.referenceOf(block)), index);
  }
  return ok(indexes);
}

/** Makes an indexed pack readable for `decodeStream` and `openErisReader`. */
export function getFromPack(index: ReadonlyMap<string, number>, readBlock: ReadPackBlock): GetBlock {
  return async (reference) => {
    const at = index.get(toHex(reference));
    return at === undefined ? undefined : readBlock(at);
  };
}
