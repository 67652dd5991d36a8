import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';

/** RFC 8410 §7: the seed of an Ed25519 key is what its PKCS #8 encoding ends with. */
const SEED_BYTES = 32;

/**
 * A fresh key for this tab's libp2p node, made by the platform at once; libp2p's own way would keep the main thread busy for tens of
 * milliseconds. Undefined where the platform has no Ed25519: libp2p then makes one itself.
 */
export async function makePeerKey(subtle: SubtleCrypto): Promise<Ed25519PrivateKey | undefined> {
  try {
    const pair = (await subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    const [pkcs8, publicKey] = await Promise.all([
      subtle.exportKey('pkcs8', pair.privateKey),
      subtle.exportKey('raw', pair.publicKey),
    ]);
    const seed = new Uint8Array(pkcs8).subarray(-SEED_BYTES);
    return privateKeyFromRaw(Uint8Array.of(...seed, ...new Uint8Array(publicKey))) as Ed25519PrivateKey;
  } catch {
    return undefined;
  }
}
