import type { FileHandle } from 'node:fs/promises';

const ENTRY_BYTES = 4;

/**
 * Which blocks of a pack are stored. An entry is a 32-bit integer: i + 1 when block i was stored, −(i + 1) when it was
 * dropped. A zero, which a crash may leave behind, or a torn entry ends the journal.
 */
export function readJournal(stored: Uint8Array): Set<number> {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const have = new Set<number>();
  for (let offset = 0; offset + ENTRY_BYTES <= stored.length; offset += ENTRY_BYTES) {
    const entry = view.getInt32(offset);
    if (entry === 0) break;
    if (entry > 0) have.add(entry - 1);
    else have.delete(-entry - 1);
  }
  return have;
}

/** A journal that holds just these blocks. */
export function encodeJournal(have: Iterable<number>): Uint8Array {
  return encodeEntries([...have].map((index) => index + 1));
}

/** Notes that blocks were stored. Their bytes must be on disk. */
export async function noteStored(journal: FileHandle, indexes: readonly number[]): Promise<void> {
  await journal.appendFile(encodeEntries(indexes.map((index) => index + 1)));
}

/** Notes that a block was dropped. */
export async function noteDropped(journal: FileHandle, index: number): Promise<void> {
  await journal.appendFile(encodeEntries([-(index + 1)]));
}

function encodeEntries(entries: readonly number[]): Uint8Array {
  const encoded = new Uint8Array(entries.length * ENTRY_BYTES);
  const view = new DataView(encoded.buffer);
  for (const [i, entry] of entries.entries()) view.setInt32(i * ENTRY_BYTES, entry);
  return encoded;
}
