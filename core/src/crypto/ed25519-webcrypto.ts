import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { isAdmissible, verifyEd25519, type VerifyEd25519Async } from './ed25519.ts';

/** RFC 8032 §7.1, TEST 2: a signature every working platform accepts. */
const PROBE = {
  publicKey: unwrap(fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')),
  message: Uint8Array.of(0x72),
  signature: unwrap(
    fromHex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ),
  ),
};

/**
 * A verifier on the platform's WebCrypto, under the one rule. Where the platform has no Ed25519, or gets a known
 * signature wrong, the verifier is noble's: some ten times slower, with the same answers.
 */
export async function createWebCryptoVerifier(subtle: SubtleCrypto): Promise<VerifyEd25519Async> {
  if (!(await knowsEd25519(subtle))) return async (...input) => verifyEd25519(...input);
  return async (publicKey, message, signature) => {
    if (!isAdmissible(publicKey, signature)) return false;
    try {
      return await askPlatform(subtle, publicKey, message, signature);
    } catch {
      // A platform that throws has not answered: keys that are no curve point do this, and so might anything else.
      return verifyEd25519(publicKey, message, signature);
    }
  };
}

async function knowsEd25519(subtle: SubtleCrypto): Promise<boolean> {
  const { publicKey, message, signature } = PROBE;
  try {
    const good = await askPlatform(subtle, publicKey, message, signature);
    const bad = await askPlatform(subtle, publicKey, Uint8Array.of(0x73), signature);
    return good && !bad;
  } catch {
    return false;
  }
}

async function askPlatform(
  subtle: SubtleCrypto,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = await subtle.importKey('raw', publicKey as BufferSource, 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, signature as BufferSource, message as BufferSource);
}
