import { ed25519 } from '@noble/curves/ed25519.js';
import { equalBytes } from '../encoding/bytes.ts';
import { sha512 } from './sha512.ts';

/** Checks one signature under the one rule (see `isAdmissible`). Total: malformed input is just not valid. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** `VerifyEd25519` where the platform answers later. Never rejects. */
export type VerifyEd25519Async = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean>;

/** Length of a public key and of either half of a signature, in bytes. */
const POINT_LENGTH = 32;
/** Length of a signature: the encoded point R, then the scalar S. */
const SIGNATURE_LENGTH = 64;

/** The field prime 2^255 - 19: an encoded y coordinate from here on is not canonical (RFC 8032 §5.1.3, step 1). */
const FIELD_PRIME = 2n ** 255n - 19n;
/** The order L of the base point: an encoded scalar from here on is not canonical (RFC 8032 §5.1.7, step 1). */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** One of the y coordinates of the four points of order 8; the other is its negative. */
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/** The y coordinates of all eight points whose order divides the cofactor 8; a sign bit tells each pair apart. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  FIELD_PRIME - 1n,
  ORDER_8_Y,
  FIELD_PRIME - ORDER_8_Y,
]);

/**
 * The part of the one ed25519 rule on which platforms disagree, checked in our own code before any of them is
 * asked: both lengths, S < L, and A and R neither of small order nor encoded in a second way. What remains to
 * be checked is the cofactorless equation [S]B = R + [k]A, on the bytes of R as they are.
 */
export function isAdmissible(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    publicKey.length === POINT_LENGTH &&
    signature.length === SIGNATURE_LENGTH &&
    isAdmissiblePoint(publicKey) &&
    isAdmissiblePoint(signature.subarray(0, POINT_LENGTH)) &&
    littleEndian(signature.subarray(POINT_LENGTH)) < GROUP_ORDER
  );
}

/**
 * Verifies on noble's curve arithmetic: slow, the same everywhere, the oracle for the platform paths. noble's own
 * `verify` multiplies by the cofactor, which accepts more; so the equation is written out here (RFC 8032 §5.1.7,
 * step 3, without the 8): R' = [S]B - [k]A has to encode to the very bytes of R.
 */
export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  if (!isAdmissible(publicKey, signature)) return false;
  const encodedR = signature.subarray(0, POINT_LENGTH);
  const A = decodePoint(publicKey);
  if (A === undefined) return false;
  const S = littleEndian(signature.subarray(POINT_LENGTH));
  const k = littleEndian(sha512(encodedR, publicKey, message)) % GROUP_ORDER;
  const R = ed25519.Point.BASE.multiplyUnsafe(S).subtract(A.multiplyUnsafe(k));
  return equalBytes(R.toBytes(), encodedR);
};

/** The 32-byte public key of a 32-byte seed (RFC 8032 §5.1.5). */
export function publicKeyFromSeed(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The 64-byte signature of a message (RFC 8032 §5.1.6), deterministic. */
export function signEd25519(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/**
 * Whether the y coordinate is canonical and belongs to no point of small order. That covers all fourteen
 * encodings of the eight small-order points: the sign bit is ignored, and y ≥ p is refused whatever it means.
 */
function isAdmissiblePoint(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(encoded));
  return y < FIELD_PRIME && !SMALL_ORDER_Y.has(y);
}

function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let at = bytes.length - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
  return value;
}

function decodePoint(encoded: Uint8Array): InstanceType<typeof ed25519.Point> | undefined {
  try {
    return ed25519.Point.fromBytes(encoded);
  } catch {
    return undefined;
  }
}
