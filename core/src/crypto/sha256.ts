import { sha256 as noble } from '@noble/hashes/sha2.js';
import { concatBytes } from '../encoding/bytes.ts';
import { createSha256Kernel, MAX_KERNEL_MESSAGE_BYTES, type Sha256Kernel } from './sha256-kernel.ts';

/** A SHA-256 in the making. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The 32-byte digest of everything so far; ends the hash. */
  digest(): Uint8Array;
}

/** Digests after which it pays to compile the kernel: a program that starts only to show a page makes fewer. */
const KERNEL_PAYS_AFTER = 2000;

let digests = 0;
let kernel: Sha256Kernel | undefined | 'untried' = 'untried';

/** SHA-256 (FIPS 180-4) of the parts, one after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  digests += 1;
  const fast = digests > KERNEL_PAYS_AFTER ? fastKernel()?.one(parts) : undefined;
  if (fast !== undefined) return fast;
  const hash = noble.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256(prefix ‖ message) of each message, where `prefix` is one byte: several times as fast as one by one. */
export function sha256Each(prefix: number, messages: readonly Uint8Array[]): Uint8Array[] {
  digests += messages.length;
  const fits =
    digests > KERNEL_PAYS_AFTER && messages.every(({ length }) => length < MAX_KERNEL_MESSAGE_BYTES);
  const fast = fits ? fastKernel()?.each(prefix, messages) : undefined;
  return fast ?? messages.map((message) => noble(concatBytes(Uint8Array.of(prefix), message)));
}

/** Starts a SHA-256 over bytes that come piece by piece. */
export function createSha256(): Sha256 {
  const hash = noble.create();
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
  };
}

/** The kernel in WebAssembly; undefined where the platform has none and noble does all the work. */
function fastKernel(): Sha256Kernel | undefined {
  if (kernel === 'untried') kernel = createSha256Kernel();
  return kernel;
}
