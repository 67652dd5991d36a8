import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { ok, type Result } from '../errors/result.ts';
import type { ReadCapability } from './capability.ts';
import { TreeReader, type DecodeOptions, type GetBlock } from './tree-reader.ts';

export type { DecodeOptions, GetBlock } from './tree-reader.ts';

/** Longest content that `decodeContent` builds in memory unless told otherwise: the default limit for artifacts. */
const MAX_CONTENT_BYTES = 256 * 1024 * 1024;

/**
 * Decodes a content leaf by leaf, in order; every chunk is verified before it comes out, the last one with its padding.
 * With `size`, blocks are fetched in tree order, each node once; without it the right edge of the tree is fetched
 * first. Throws AssayErrors `E_ERIS_…`, and what `get` rejects with.
 */
export async function* decodeStream(
  capability: ReadCapability,
  get: GetBlock,
  options: DecodeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size } = options;
  const tree =
    size === undefined
      ? await TreeReader.open(capability, get, options)
      : TreeReader.ofSize(capability, get, { ...options, size });
  const [leaves = 0] = tree.shape.counts;
  for (let position = 0; position < leaves; position++) {
    const bytes = await tree.leaf(position);
    if (bytes.length > 0) yield bytes;
  }
}

/**
 * Decodes a content in memory. Its length is proven before memory is taken, and refused above `maxBytes`
 * (`E_ERIS_TOO_LARGE`). Rejects only with what `get` rejects with, unless that is an AssayError.
 */
export async function decodeContent(
  capability: ReadCapability,
  get: GetBlock,
  options: DecodeOptions & { readonly maxBytes?: number | undefined } = {},
): Promise<Result<Uint8Array>> {
  try {
    const limit = options.maxBytes ?? MAX_CONTENT_BYTES;
    refuseAbove(limit, options.size ?? 0);
    const tree = await TreeReader.open(capability, get, options);
    refuseAbove(limit, tree.shape.contentLength);
    return ok(await readAll(tree));
  } catch (error) {
    if (isAssayError(error)) return { ok: false, error };
    throw error;
  }
}

function refuseAbove(limit: number, size: number): void {
  if (size > limit) throw new AssayError('E_ERIS_TOO_LARGE', { size, limit });
}

async function readAll(tree: TreeReader): Promise<Uint8Array> {
  const { contentLength, blockSize, counts } = tree.shape;
  const [leaves = 0] = counts;
  const content = new Uint8Array(contentLength);
  for (let position = 0; position < leaves; position++) {
    content.set(await tree.leaf(position), position * blockSize);
  }
  return content;
}
