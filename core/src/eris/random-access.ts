import type { ReadCapability } from './capability.ts';
import { TreeReader, type DecodeOptions, type GetBlock } from './tree-reader.ts';

/** A content that can be read in parts. */
export interface ErisReader {
  /** Bytes of the content, proven by the tree. */
  readonly length: number;
  /**
   * The bytes from `offset` on, at most `length` of them, fewer at the end of the content. Every block read is
   * verified. Rejects with AssayErrors `E_ERIS_…`, and with what the block source rejects with.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * Opens a content for random access. Fetches level + 1 blocks to prove its length; a read then fetches its leaves
 * and, where it moves to another part of the content, the nodes above.
 */
export async function openErisReader(
  capability: ReadCapability,
  get: GetBlock,
  options: DecodeOptions = {},
): Promise<ErisReader> {
  const tree = await TreeReader.open(capability, get, options);
  const { contentLength } = tree.shape;
  return {
    length: contentLength,
    read: (offset, length) => readRange(tree, offset, Math.min(offset + length, contentLength)),
  };
}

async function readRange(tree: TreeReader, start: number, end: number): Promise<Uint8Array> {
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0;
  if (!isRange) throw new RangeError('Offset and length are whole numbers from 0');
  const { blockSize } = tree.shape;
  const bytes = new Uint8Array(Math.max(0, end - start));
  for (let at = start; at < end;) {
    const position = Math.floor(at / blockSize);
    const leafStart = position * blockSize;
    const leaf = await tree.leaf(position);
    const part = leaf.subarray(at - leafStart, end - leafStart);
    bytes.set(part, at - start);
    at += part.length;
  }
  return bytes;
}
