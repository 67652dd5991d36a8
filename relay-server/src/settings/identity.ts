import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { keepJson, readKeptJson } from './kept-json.ts';

const FILE = 'identity.json';
const SEED_BYTES = 32;
const readIdentity = shape({ peerSeed: text({ maxBytes: 2 * SEED_BYTES, pattern: /^[0-9a-f]{64}$/ }) });

/** The relay's libp2p key, made at the first start and the same ever after. */
export async function loadIdentity(dataDir: string): Promise<PrivateKey> {
  const file = join(dataDir, FILE);
  const kept = await readKeptJson(file, readIdentity);
  const peerSeed = kept?.peerSeed ?? toHex(randomBytes(SEED_BYTES));
  if (kept === undefined) await keepJson(file, { peerSeed }, { secret: true });
  return await generateKeyPairFromSeed('Ed25519', unwrap(fromHex(peerSeed)));
}
