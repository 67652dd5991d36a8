import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { concatBytes } from '../encoding/bytes.ts';
import { fromHex, toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { isAdmissible, type VerifyEd25519 } from './ed25519.ts';

/** DER of a SubjectPublicKeyInfo up to the 32 key bytes (RFC 8410 §4). */
const SPKI_PREFIX = unwrap(fromHex('302a300506032b6570032100'));
/** DER of a PKCS #8 private key up to the 32 seed bytes (RFC 8410 §7). */
const PKCS8_PREFIX = unwrap(fromHex('302e020100300506032b657004220420'));

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Keys kept ready: more than the members of any authority set, few enough that strangers' keys fill no memory. */
const MAX_CACHED_KEYS = 256;

const publicKeys = new Map<string, KeyObject>();
const privateKeys = new Map<string, KeyObject>();

/** Signatures found valid that are remembered, 64 bytes each: what an authority hears of once alone and again in a proof. */
const MAX_REMEMBERED = 8192;

const validOnes = new Set<string>();

/**
 * Verifies with OpenSSL under the one rule: some ten times as fast as noble. Signatures that were found valid are remembered by the
 * SHA-256 of key, signature and message, so that a second look at one costs a hash. For Node programs only.
 */
export const verifyEd25519Node: VerifyEd25519 = (publicKey, message, signature) => {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const digest = createHash('sha256').update(publicKey).update(signature).update(message).digest('base64');
  if (validOnes.has(digest)) return true;
  if (!verifyAnew(publicKey, message, signature)) return false;
  const [oldest] = validOnes;
  if (validOnes.size >= MAX_REMEMBERED && oldest !== undefined) validOnes.delete(oldest);
  validOnes.add(digest);
  return true;
};

const verifyAnew: VerifyEd25519 = (publicKey, message, signature) => {
  if (!isAdmissible(publicKey, signature)) return false;
  const key = cached(publicKeys, publicKey, () =>
    createPublicKey({ key: der(SPKI_PREFIX, publicKey), format: 'der', type: 'spki' }),
  );
  return verify(null, message, key, signature);
};

/** Signs with OpenSSL; the same 64 bytes as `signEd25519`. */
export function signEd25519Node(message: Uint8Array, seed: Uint8Array): Uint8Array {
  const key = cached(privateKeys, seed, () =>
    createPrivateKey({ key: der(PKCS8_PREFIX, seed), format: 'der', type: 'pkcs8' }),
  );
  return new Uint8Array(sign(null, message, key));
}

/** Lets go of what signing with this seed, 32 bytes, keeps ready: for keys that are erased. True when there was something. */
export function forgetSigningKey(seed: Uint8Array): boolean {
  return privateKeys.delete(toHex(seed));
}

/** The key object for these bytes; the one made longest ago makes room. */
function cached(keys: Map<string, KeyObject>, bytes: Uint8Array, make: () => KeyObject): KeyObject {
  const name = toHex(bytes);
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made = make();
  const [oldest] = keys.keys();
  if (keys.size >= MAX_CACHED_KEYS && oldest !== undefined) keys.delete(oldest);
  keys.set(name, made);
  return made;
}

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(concatBytes(prefix, key));
}
