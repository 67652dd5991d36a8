import { concatBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import type { GetBlock } from './decode.ts';

/** Brings blocks out of a map as `encodeContent` makes it. */
export function getFrom(blocks: ReadonlyMap<string, Uint8Array>): GetBlock {
  return async (reference) => blocks.get(toHex(reference));
}

/** All chunks of a stream. */
export async function toArray(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts;
}

/** All chunks of a stream, joined. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return concatBytes(...(await toArray(chunks)));
}

/** `length` bytes without visible pattern, the same on every call. */
export function someBytes(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return state >>> 24;
  });
}
