import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shape, text } from '@assay/core/encoding/cbor-shape.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkTrust } from '@assay/core/records/types.ts';
import { writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { programs } from '../programs.ts';
import { runToEnd } from './child.ts';

export const GENESIS_FILE = 'genesis.cbor';
/** Largest artifact a network takes unless its founder says otherwise. */
const MAX_ARTIFACT_BYTES = 256 * 1024 * 1024;
/** Fewer than three authorities cannot outvote anybody; more than a hundred do not fit the note format. */
export const AUTHORITY_LIMITS = { min: 3, max: 100 } as const;

const NAMES = ['ayla', 'borneo', 'cassini', 'delft', 'etna', 'fuji', 'gozo', 'hilo', 'iona', 'jura'];

/** The name of authority `index`. */
export function authorityName(index: number): string {
  const round = Math.floor(index / NAMES.length);
  const name = NAMES[index % NAMES.length] ?? 'authority';
  return round === 0 ? name : `${name}-${round + 1}`;
}

/** The folder of authority `index`, counted from 1 for people. */
export function authorityFolder(dataDir: string, index: number): string {
  return join(dataDir, `authority-${index + 1}`);
}

/** Opens the network founded in a data folder; undefined when there is none. Throws when its genesis record is damaged. */
export async function openNetwork(dataDir: string): Promise<NetworkTrust | undefined> {
  const genesis = await readFile(join(dataDir, GENESIS_FILE)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return genesis === undefined ? undefined : unwrap(trustFromGenesis(new Uint8Array(genesis)));
}

/** Founds a network: each authority makes its own keys, the genesis record names their public sides. */
export async function foundNetwork(dataDir: string, authorities: number): Promise<NetworkTrust> {
  if (authorities < AUTHORITY_LIMITS.min || authorities > AUTHORITY_LIMITS.max) {
    throw new AssayError('E_USAGE', {
      problem: `--authorities takes ${AUTHORITY_LIMITS.min} to ${AUTHORITY_LIMITS.max}`,
    });
  }
  await mkdir(dataDir, { recursive: true });
  const identities = await Promise.all(
    Array.from({ length: authorities }, (_, index) => authorityIdentity(dataDir, index)),
  );
  const genesis: GenesisRecord = {
    kind: 'genesis',
    v: 1,
    origin: `assay.local/${randomBytes(4).toString('hex')}`,
    epoch: 1,
    created: Math.floor(Date.now() / 1000),
    authorities: identities,
    limits: { maxArtifactBytes: MAX_ARTIFACT_BYTES },
  };
  const encoded = encodeRecord(genesis);
  await writeFileDurably(join(dataDir, GENESIS_FILE), encoded);
  return unwrap(trustFromGenesis(encoded));
}

/** Makes the keys of an authority, or takes those that an interrupted first start has made. */
async function authorityIdentity(dataDir: string, index: number): Promise<AuthorityIdentity> {
  const name = authorityName(index);
  const folder = authorityFolder(dataDir, index);
  const hasKeys = await readFile(join(folder, 'keys.json')).then(
    () => true,
    () => false,
  );
  const command = hasKeys ? ['identity', '--data', folder] : ['init', '--data', folder, '--name', name];
  return parseIdentity(await runToEnd(name, programs.authority, command));
}

const key = text({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ });
const readIdentity = shape({
  name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
  voteKey: key,
  cosignKey: key,
  logKey: key,
  buildKey: key,
  peerKey: key,
});

function parseIdentity(line: string): AuthorityIdentity {
  const { name, ...keys } = unwrap(readIdentity(JSON.parse(line) as CborValue, '$'));
  const decoded = (hex: string): Uint8Array => unwrap(fromHex(hex));
  return {
    name,
    voteKey: decoded(keys.voteKey),
    cosignKey: decoded(keys.cosignKey),
    logKey: decoded(keys.logKey),
    buildKey: decoded(keys.buildKey),
    peerKey: decoded(keys.peerKey),
  };
}
