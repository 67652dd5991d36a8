import { sha256 as noble } from '@noble/hashes/sha2.js';

/** A SHA-256 in the making. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** The 32-byte digest of everything so far; ends the hash. */
  digest(): Uint8Array;
}

/** SHA-256 (FIPS 180-4) of the parts, one after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = noble.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Starts a SHA-256 over bytes that come piece by piece. */
export function createSha256(): Sha256 {
  const hash = noble.create();
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
  };
}
