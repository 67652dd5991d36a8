import { toHex } from '../encoding/hex.ts';
import type { PackSlot } from '../eris/pack-plan.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { ArtifactSource, PackSource, PeerSource } from '../net/sources.ts';
import type { Assignment } from './scheduler.ts';

/** One question about one pack. */
export interface Question {
  readonly root: Uint8Array;
  readonly blockSize: number;
  readonly assignment: Assignment;
  /** The blocks known by reference, in pack order. */
  readonly known: readonly PackSlot[];
  /** Takes each block in; rejects when it is not the one that belongs there. */
  readonly onBlock: (index: number, block: Uint8Array) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Asks a source for the blocks of an assignment. Rejects with an AssayError unless every one of them was delivered. */
export async function askSource(source: ArtifactSource, question: Question): Promise<void> {
  const absent =
    source.kind === 'mirror' ? await askMirror(source, question) : await askPeer(source, question);
  const { indexes, received } = question.assignment;
  if (indexes.size === 0) return;
  if (absent > 0 && received === 0) throw new AssayError('E_NOT_FOUND', { what: 'this artifact' });
  if (absent > 0) throw new AssayError('E_REFUSED', { reason: 'some blocks were not given' });
  const need = (received + indexes.size) * question.blockSize;
  throw new AssayError('E_RESPONSE_TRUNCATED', { have: received * question.blockSize, need });
}

async function askMirror(source: PackSource, question: Question): Promise<number> {
  const { blockSize, assignment, root, signal } = question;
  const indexes = [...assignment.indexes];
  const first = indexes[0] ?? 0;
  const range = { from: first * blockSize, to: (first + indexes.length) * blockSize };
  const block = new Uint8Array(blockSize);
  let filled = 0;
  let index = first;
  for await (const chunk of source.readPack(root, range, signal)) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockSize - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockSize) break;
      await question.onBlock(index, block.slice());
      filled = 0;
      index++;
    }
  }
  return 0;
}

async function askPeer(source: PeerSource, question: Question): Promise<number> {
  const { assignment, known, root, signal } = question;
  const slots = [...assignment.indexes].flatMap((index) => known[index] ?? []);
  const indexOf = new Map(slots.map(({ reference, index }) => [toHex(reference), index]));
  const references = slots.map(({ reference }) => reference);
  let absent = 0;
  for await (const { reference, block } of source.readBlocks(root, references, signal)) {
    const index = indexOf.get(toHex(reference));
    if (index === undefined) {
      throw new AssayError('E_PROTOCOL', { reason: 'a block that was not asked for' });
    }
    if (block === undefined) absent++;
    else await question.onBlock(index, block);
  }
  return absent;
}
