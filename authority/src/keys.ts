import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { arrayOf, int, optional, shape, text, type ReadBy } from '@assay/core/encoding/cbor-shape.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';
import type { AuthorityIdentity } from '@assay/core/records/types.ts';
import { makeFolderDurably, syncFolder } from '@assay/stores/fs/durable-file.ts';
import { readJson } from './json-file.ts';
import { createSecretFile, replaceSecretFile } from './secret-file.ts';

/** The two seeds, 32 bytes each, that an authority signs consensus votes and cosignatures with. They change with the epochs. */
export interface SigningPair {
  readonly vote: Uint8Array;
  readonly cosign: Uint8Array;
}

/** The secret seeds of one authority: 32 bytes each, one for each job. */
export interface AuthorityKeys extends SigningPair {
  readonly name: string;
  readonly log: Uint8Array;
  readonly build: Uint8Array;
  readonly peer: Uint8Array;
}

/** A pair made for an epoch that has not begun, or not become certain. */
export interface FreshPair extends SigningPair {
  /** The epoch it was offered for. */
  readonly epoch: number;
}

/** All that `keys.json` holds. */
export interface KeyFile extends AuthorityKeys {
  readonly fresh: readonly FreshPair[];
}

const FILE = 'keys.json';
const SEED_BYTES = 32;
/** Pairs that can be waiting: one for each epoch that an authority has offered keys for and not heard the end of. */
const MAX_FRESH = 16;

const seed = text({ maxBytes: 2 * SEED_BYTES, pattern: /^[0-9a-f]{64}$/ });
const readKeyFile = shape({
  name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
  vote: seed,
  cosign: seed,
  log: seed,
  build: seed,
  peer: seed,
  fresh: optional(arrayOf(shape({ epoch: int({ min: 2 }), vote: seed, cosign: seed }), { max: MAX_FRESH })),
});

/** Makes new keys and stores them, readable by their owner only. Throws `E_AUTHORITY_EXISTS` when there are keys already. */
export async function createKeys(dataDir: string, name: string): Promise<KeyFile> {
  const seeds = { ...newPair(), log: newSeed(), build: newSeed(), peer: newSeed() };
  await makeFolderDurably(dataDir);
  await createSecretFile(join(dataDir, FILE), jsonOf({ name, ...seeds, fresh: [] }));
  await syncFolder(dataDir);
  return await loadKeys(dataDir);
}

/** Reads the keys in a data folder. Throws `E_AUTHORITY_CONFIG` when they cannot be used. */
export async function loadKeys(dataDir: string): Promise<KeyFile> {
  const { name, fresh = [], ...seeds } = await readJson(join(dataDir, FILE), readKeyFile);
  return {
    name,
    ...pairOf(seeds),
    log: bytes(seeds.log),
    build: bytes(seeds.build),
    peer: bytes(seeds.peer),
    fresh: fresh.map((pair) => ({ epoch: pair.epoch, ...pairOf(pair) })),
  };
}

/** Stores keys in place of those in the folder. Seeds that are left out are gone when it returns. */
export async function replaceKeys(dataDir: string, keys: KeyFile): Promise<void> {
  await replaceSecretFile(join(dataDir, FILE), jsonOf(keys));
}

/** A new pair out of the system's randomness. */
export function newPair(): SigningPair {
  return { vote: newSeed(), cosign: newSeed() };
}

/** The public side of the keys, as the records of the log name it. */
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
  return JSON.stringify(identity, hexed);
}

function jsonOf({ name, vote, cosign, log, build, peer, fresh }: KeyFile): string {
  const content = { name, vote, cosign, log, build, peer, ...(fresh.length > 0 && { fresh }) };
  return `${JSON.stringify(content, hexed, 2)}\n`;
}

function hexed(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

function pairOf({ vote, cosign }: Pick<ReadBy<typeof readKeyFile>, 'vote' | 'cosign'>): SigningPair {
  return { vote: bytes(vote), cosign: bytes(cosign) };
}

function bytes(hex: string): Uint8Array {
  return unwrap(fromHex(hex));
}

/** 32 bytes out of the system's randomness. */
export function newSeed(): Uint8Array {
  return new Uint8Array(randomBytes(SEED_BYTES));
}
