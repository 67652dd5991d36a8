import { join } from 'node:path';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { bytes, decodeWith, int, literal, shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { CAPABILITY_BYTES, REFERENCE_BYTES } from '@assay/core/eris/capability.ts';
import type { Result } from '@assay/core/errors/result.ts';
import type { PackDescription } from '@assay/core/swarm/block-store.ts';

/**
 * The files of one pack. `blocks` is the pack itself, block i at i × block size, full of holes until it is complete.
 * `complete` is written last of all and is what makes a pack readable; `begun` and `journal` go then.
 */
export interface PackFiles {
  readonly blocks: string;
  /** The 32-byte references of all blocks, in pack order. */
  readonly references: string;
  /** Description of a complete pack; its modification time is the time of last use. */
  readonly complete: string;
  /** Description of a pack that is being written; its modification time is the time of last use. */
  readonly begun: string;
  /** Which blocks are stored so far. */
  readonly journal: string;
  /** There when the pack is pinned. */
  readonly pin: string;
}

const COMPLETE_SUFFIX = '.cbor';
const BEGUN_SUFFIX = '.begun';

/** Where the files of the pack with this root stand. */
export function packFiles(folder: string, root: Uint8Array): PackFiles {
  const path = (suffix: string): string => join(folder, toHex(root) + suffix);
  return {
    blocks: path('.pack'),
    references: path('.references'),
    complete: path(COMPLETE_SUFFIX),
    begun: path(BEGUN_SUFFIX),
    journal: path('.journal'),
    pin: path('.pin'),
  };
}

/** The hex roots of all packs that have files in a folder with these file names, each once. */
export function rootsIn(names: readonly string[]): string[] {
  const described = names.filter((name) => /^[0-9a-f]{64}\.(?:cbor|begun)$/.test(name));
  return [...new Set(described.map((name) => name.slice(0, 2 * REFERENCE_BYTES)))];
}

/** A pack's description and, once it is complete, its number of blocks. */
export interface PackHeader extends PackDescription {
  readonly blockCount: number;
}

/** Names and purls in records are shorter. */
const MAX_TEXT_BYTES = 1024;

const readHeader = shape({
  root: bytes({ length: REFERENCE_BYTES }),
  capability: bytes({ length: CAPABILITY_BYTES }),
  blockSize: literal(1024, 32768),
  contentSize: int({ min: 0 }),
  purl: text({ maxBytes: MAX_TEXT_BYTES }),
  name: text({ maxBytes: MAX_TEXT_BYTES }),
  blockCount: int({ min: 0 }),
});

/** A header as it is stored: canonical CBOR. */
export function encodeHeader(description: PackDescription, blockCount: number): Uint8Array {
  const { root, capability, blockSize, contentSize, purl, name } = description;
  return encodeCbor({ root, capability, blockSize, contentSize, purl, name, blockCount });
}

/** Reads a stored header. */
export function decodeHeader(stored: Uint8Array): Result<PackHeader> {
  return decodeWith(stored, readHeader);
}
