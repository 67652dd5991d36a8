import type { Clock } from '../clock.ts';
import { sha256 } from '../crypto/sha256.ts';
import { toHex } from '../encoding/hex.ts';
import { blockSizeFor, encodeCapability } from '../eris/capability.ts';
import { buildPack } from '../eris/pack.ts';
import { createPackPlan } from '../eris/pack-plan.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { ArtifactSource, PackSource, PeerSource, SourceFinder } from '../net/sources.ts';
import type { PackDescription } from './block-store.ts';

/** An artifact and its pack. */
export interface SamplePack {
  readonly content: Uint8Array;
  readonly sha256: Uint8Array;
  readonly description: PackDescription;
  readonly blocks: readonly Uint8Array[];
  readonly references: readonly Uint8Array[];
}

/** Packs bytes that do not repeat, `size` of them. */
export async function samplePack(size: number): Promise<SamplePack> {
  let state = size + 1;
  const content = Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  const blockSize = blockSizeFor(size);
  const pack = await buildPack(content, { blockSize });
  const blocks: Uint8Array[] = [];
  for await (const block of pack.blocks()) blocks.push(block);
  const plan = unwrap(createPackPlan(pack.capability, size));
  for (const [index, block] of blocks.entries()) unwrap(plan.accept(index, block));
  return {
    content,
    sha256: sha256(content),
    blocks,
    references: plan.known().map(({ reference }) => reference),
    description: {
      root: pack.capability.rootReference,
      capability: encodeCapability(pack.capability),
      blockSize,
      contentSize: size,
      purl: 'pkg:npm/sample@1.0.0',
      name: 'sample-1.0.0.tgz',
    },
  };
}

/** How a simulated source behaves. */
export interface Behaviour {
  readonly clock?: Clock;
  /** Wait before each block. */
  readonly msPerBlock?: number;
  /** Flips a bit of every block from this index on. */
  readonly corruptFrom?: number;
  /** Ends every answer before this index. */
  readonly endBefore?: number;
  /** Says nothing more from this index on. */
  readonly silentFrom?: number;
  readonly failWith?: AssayError;
  /** Told of every block sent. */
  readonly onSend?: (index: number) => void;
}

async function send(
  pack: SamplePack,
  index: number,
  behaviour: Behaviour,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { clock, msPerBlock = 0, corruptFrom = Infinity, endBefore = Infinity } = behaviour;
  if (index >= endBefore) return undefined;
  if (index >= (behaviour.silentFrom ?? Infinity)) await silence(signal);
  if (clock !== undefined && msPerBlock > 0) await clock.sleep(msPerBlock, signal);
  signal?.throwIfAborted();
  const block = pack.blocks[index]?.slice();
  if (block !== undefined && index >= corruptFrom) block[7] = (block[7] ?? 0) ^ 1;
  behaviour.onSend?.(index);
  return block;
}

/** A mirror that serves a pack by range, in pieces of an odd size. */
export function fakeMirror(id: string, pack: SamplePack, behaviour: Behaviour = {}): PackSource {
  return {
    kind: 'mirror',
    id,
    label: id,
    transport: 'http',
    async *readPack(_root, { from, to = Infinity }, signal) {
      if (behaviour.failWith !== undefined) throw behaviour.failWith;
      const { blockSize } = pack.description;
      for (let index = from / blockSize; index < to / blockSize; index++) {
        const block = await send(pack, index, behaviour, signal);
        if (block === undefined) return;
        yield block.subarray(0, 700);
        yield block.subarray(700);
      }
    },
  };
}

/** A peer that answers references one by one. */
export function fakePeer(id: string, pack: SamplePack, behaviour: Behaviour = {}): PeerSource {
  const indexes = new Map(pack.references.map((reference, index) => [toHex(reference), index]));
  return {
    kind: 'peer',
    id,
    label: id,
    transport: 'webrtc',
    async *readBlocks(_root, references, signal) {
      if (behaviour.failWith !== undefined) throw behaviour.failWith;
      for (const reference of references) {
        const index = indexes.get(toHex(reference));
        const block = index === undefined ? undefined : await send(pack, index, behaviour, signal);
        yield { reference, block };
      }
    },
  };
}

/** Finds the given sources at once. */
export function finderOf(...sources: readonly ArtifactSource[]): SourceFinder {
  return {
    find(_root, onSource) {
      for (const source of sources) onSource(source);
      return Promise.resolve();
    },
  };
}

function silence(signal?: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new AssayError('E_ABORTED')), { once: true });
  });
}
