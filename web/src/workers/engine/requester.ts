import { publicKeyFromSeed, signEd25519 } from '@assay/core/crypto/ed25519.ts';
import {
  keepRequesterKey,
  type OriginDatabase,
  type RequesterKey,
} from '@assay/stores/idb/origin-database.ts';

/** Whoever signs the requests of this browser. */
export interface Requester {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The key of this origin, made on first use; where the browser can, one that never leaves it. */
export async function openRequester(database: OriginDatabase, crypto: Crypto): Promise<Requester> {
  const kept = await keepRequesterKey(database);
  const key = kept ?? (await keepRequesterKey(database, await makeKey(crypto)));
  if (key === undefined) throw new TypeError('a key that was made is kept');
  return requesterOf(key, crypto.subtle);
}

async function makeKey(crypto: Crypto): Promise<RequesterKey> {
  try {
    const { privateKey, publicKey } = (await crypto.subtle.generateKey('Ed25519', false, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
    return { kind: 'webcrypto', privateKey, publicKey: raw };
  } catch {
    return { kind: 'seed', seed: crypto.getRandomValues(new Uint8Array(32)) };
  }
}

function requesterOf(key: RequesterKey, subtle: SubtleCrypto): Requester {
  if (key.kind === 'seed') {
    return {
      publicKey: publicKeyFromSeed(key.seed),
      sign: (message) => Promise.resolve(signEd25519(message, key.seed)),
    };
  }
  return {
    publicKey: key.publicKey,
    async sign(message) {
      return new Uint8Array(await subtle.sign('Ed25519', key.privateKey, message as BufferSource));
    },
  };
}
