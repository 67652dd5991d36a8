import { fromBase32, toBase32 } from '../encoding/base32.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/** Bytes of an ERIS block; ERIS 1.0 knows these two sizes only. */
export type BlockSize = 1024 | 32768;

/** Everything needed to find and decode one content (ERIS 1.0 §2.5). Whoever has it can read the content. */
export interface ReadCapability {
  readonly blockSize: BlockSize;
  /** Height of the tree; 0 when the only block is a leaf. */
  readonly level: number;
  /** BLAKE2b-256 of the root block, 32 bytes. */
  readonly rootReference: Uint8Array;
  /** Key of the root block, 32 bytes. */
  readonly rootKey: Uint8Array;
}

/** Bytes of a BLAKE2b-256 block reference. */
export const REFERENCE_BYTES = 32;
/** Bytes of a block key. */
export const KEY_BYTES = 32;
/** Bytes of an encoded read capability. */
export const CAPABILITY_BYTES = 2 + REFERENCE_BYTES + KEY_BYTES;

/** Contents shorter than this are cut in 1 KiB blocks, others in 32 KiB blocks: the advice of the ERIS specification. */
const SMALL_CONTENT_BYTES = 16 * 1024;

const capabilityPrefix = 'urn:eris:';
const blockPrefix = 'urn:blake2b:';
const capabilityUrnLength = capabilityPrefix.length + Math.ceil((CAPABILITY_BYTES * 8) / 5);
const blockUrnLength = blockPrefix.length + Math.ceil((REFERENCE_BYTES * 8) / 5);

/**
 * The tallest tree that is accepted: 4 levels of 32 KiB blocks hold 2 PiB, 8 levels of 1 KiB blocks 4 TiB. ERIS
 * allows 255; without a cap a few KiB of blocks could unfold to endless content.
 */
export function maxLevel(blockSize: BlockSize): number {
  return blockSize === 1024 ? 8 : 4;
}

/** The block size that every node uses for public content of this length. */
export function blockSizeFor(contentLength: number): BlockSize {
  return contentLength < SMALL_CONTENT_BYTES ? 1024 : 32768;
}

/** The 66 bytes of a read capability: block size as log2, level, root reference, root key. */
export function encodeCapability(capability: ReadCapability): Uint8Array {
  const bytes = new Uint8Array(CAPABILITY_BYTES);
  bytes[0] = Math.log2(capability.blockSize);
  bytes[1] = capability.level;
  bytes.set(capability.rootReference, 2);
  bytes.set(capability.rootKey, 2 + REFERENCE_BYTES);
  return bytes;
}

/** Reads the 66 bytes of a read capability: `E_ERIS_CAPABILITY` when malformed, `E_ERIS_LEVEL` above {@link maxLevel}. */
export function decodeCapability(bytes: Uint8Array): Result<ReadCapability> {
  const blockSize = blockSizeOfCode(bytes[0]);
  const level = bytes[1];
  if (bytes.length !== CAPABILITY_BYTES || blockSize === undefined || level === undefined) {
    return fail('E_ERIS_CAPABILITY', { length: bytes.length });
  }
  const limit = maxLevel(blockSize);
  if (level > limit) return fail('E_ERIS_LEVEL', { level, limit });
  return ok({
    blockSize,
    level,
    rootReference: bytes.slice(2, 2 + REFERENCE_BYTES),
    rootKey: bytes.slice(2 + REFERENCE_BYTES),
  });
}

/** `urn:eris:` and the capability in base32: 115 characters. */
export function toUrn(capability: ReadCapability): string {
  return capabilityPrefix + toBase32(encodeCapability(capability));
}

/**
 * Reads a capability URN. Accepts only what {@link toUrn} writes, down to the spare bits of the last character, so
 * that two different URNs never mean the same content.
 */
export function fromUrn(text: string): Result<ReadCapability> {
  const bytes = fromNamedBase32(text, capabilityPrefix, capabilityUrnLength, 'an ERIS URN');
  return bytes.ok ? decodeCapability(bytes.value) : bytes;
}

/** `urn:blake2b:` and the block reference in base32: the name of a block in HTTP N2R requests. */
export function blockUrn(reference: Uint8Array): string {
  return blockPrefix + toBase32(reference);
}

/** Reads a block URN into its 32-byte reference. Accepts only what {@link blockUrn} writes. */
export function fromBlockUrn(text: string): Result<Uint8Array> {
  return fromNamedBase32(text, blockPrefix, blockUrnLength, 'a block URN');
}

function fromNamedBase32(text: string, prefix: string, length: number, expected: string): Result<Uint8Array> {
  if (text.length !== length || !text.startsWith(prefix)) return fail('E_ERIS_URN', { expected });
  const bytes = fromBase32(text.slice(prefix.length));
  return bytes.ok ? bytes : fail('E_ERIS_URN', { expected });
}

function blockSizeOfCode(code: number | undefined): BlockSize | undefined {
  if (code === 10) return 1024;
  return code === 15 ? 32768 : undefined;
}
