import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';
import type { AuthorityIdentity } from '@assay/core/records/types.ts';
import { makeFolderDurably, syncFolder } from '@assay/stores/fs/durable-file.ts';
import { readJson } from './json-file.ts';

/** The secret seeds of one authority: 32 bytes each, one for each job. */
export interface AuthorityKeys {
  readonly name: string;
  readonly vote: Uint8Array;
  readonly cosign: Uint8Array;
  readonly log: Uint8Array;
  readonly build: Uint8Array;
  readonly peer: Uint8Array;
}

const FILE = 'keys.json';
const SEED_BYTES = 32;
const OWNER_ONLY = 0o600;
const JOBS = ['vote', 'cosign', 'log', 'build', 'peer'] as const;

const seed = text({ maxBytes: 2 * SEED_BYTES, pattern: /^[0-9a-f]{64}$/ });
const readKeyFile = shape({
  name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
  vote: seed,
  cosign: seed,
  log: seed,
  build: seed,
  peer: seed,
});

/** Makes new keys and stores them, readable by their owner only. Throws `E_AUTHORITY_EXISTS` when there are keys already. */
export async function createKeys(dataDir: string, name: string): Promise<AuthorityKeys> {
  const seeds = JOBS.map((job) => [job, toHex(randomBytes(SEED_BYTES))] as const);
  const json = `${JSON.stringify({ name, ...Object.fromEntries(seeds) }, undefined, 2)}\n`;
  await makeFolderDurably(dataDir);
  await writeOnce(join(dataDir, FILE), json);
  await syncFolder(dataDir);
  return await loadKeys(dataDir);
}

/** Reads the keys in a data folder. Throws `E_AUTHORITY_CONFIG` when they cannot be used. */
export async function loadKeys(dataDir: string): Promise<AuthorityKeys> {
  const { name, ...seeds } = await readJson(join(dataDir, FILE), readKeyFile);
  const bytes = (hex: string): Uint8Array => unwrap(fromHex(hex));
  return {
    name,
    vote: bytes(seeds.vote),
    cosign: bytes(seeds.cosign),
    log: bytes(seeds.log),
    build: bytes(seeds.build),
    peer: bytes(seeds.peer),
  };
}

/** The public side of the keys, as the genesis record names it. */
export function identityOf(keys: AuthorityKeys): AuthorityIdentity {
  return {
    name: keys.name,
    voteKey: publicKeyFromSeed(keys.vote),
    cosignKey: publicKeyFromSeed(keys.cosign),
    logKey: publicKeyFromSeed(keys.log),
    buildKey: publicKeyFromSeed(keys.build),
    peerKey: publicKeyFromSeed(keys.peer),
  };
}

/** An identity as one line of JSON, keys in hex. */
export function identityLine(identity: AuthorityIdentity): string {
  return JSON.stringify(identity, (_key, value: unknown) =>
    value instanceof Uint8Array ? toHex(value) : value,
  );
}

/** Writes a file that only its owner may read: whole or not at all, and never over another. */
async function writeOnce(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(content);
    await file.sync();
    await link(temporary, path);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw isThere ? new AssayError('E_AUTHORITY_EXISTS', { file: path }, cause) : cause;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}
