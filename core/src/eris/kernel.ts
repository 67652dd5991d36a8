import { blake2b256 } from '../crypto/blake2b.ts';
import { chacha20 } from '../crypto/chacha20.ts';

/**
 * The arithmetic of ERIS on single blocks. Everything else in this folder is bookkeeping around these four, so a
 * faster implementation is one object. No method changes its arguments or keeps them.
 */
export interface BlockKernel {
  /** The 32-byte key of a plain block: BLAKE2b-256, keyed with the convergence secret for leaves, unkeyed for nodes. */
  keyOf(plain: Uint8Array, secret?: Uint8Array): Uint8Array;
  /** The 32-byte reference of an encrypted block: BLAKE2b-256, unkeyed. */
  referenceOf(block: Uint8Array): Uint8Array;
  /** ChaCha20 under `key`, with the level in the first byte of the nonce. Returns a new array. */
  encrypt(plain: Uint8Array, key: Uint8Array, level: number): Uint8Array;
  /** The inverse of `encrypt`. Returns a new array. */
  decrypt(block: Uint8Array, key: Uint8Array, level: number): Uint8Array;
}

/** The convergence secret of public content: 32 zero bytes, used as a hash key like any other secret. */
export const NULL_SECRET: Uint8Array = new Uint8Array(32);

/** The kernel on the audited noble libraries: the oracle for every other kernel. */
export const nobleKernel: BlockKernel = {
  keyOf: (plain, secret) => blake2b256(aligned(plain), secret),
  referenceOf: (block) => blake2b256(aligned(block)),
  encrypt: cipher,
  decrypt: cipher,
};

function cipher(input: Uint8Array, key: Uint8Array, level: number): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce[0] = level;
  return chacha20(key, nonce, aligned(input));
}

/** noble works in 32-bit words on aligned input and byte by byte else; copying the block first is cheaper. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}
