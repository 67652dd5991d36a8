/** A bitmap over `total` authorities with the bits of `indices` set: bit i&7 (from the least) of byte i>>3 is authority i. */
export function bitmapOf(indices: Iterable<number>, total: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(total / 8));
  for (const index of indices) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  return bitmap;
}

/** The set bits in ascending order; undefined unless the bitmap has exactly the length for `total` and no bit beyond it. */
export function bitmapIndices(bitmap: Uint8Array, total: number): number[] | undefined {
  if (bitmap.length !== Math.ceil(total / 8)) return undefined;
  const indices: number[] = [];
  for (let index = 0; index < bitmap.length * 8; index++) {
    if ((((bitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 0) continue;
    if (index >= total) return undefined;
    indices.push(index);
  }
  return indices;
}
