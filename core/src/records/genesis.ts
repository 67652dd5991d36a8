import type { CborMap, CborValue } from '../encoding/cbor.ts';
import { arrayOf, bytes, int, literal, shape, text, type Reader } from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, type Result } from '../errors/result.ts';
import { MAX_AUTHORITIES, MAX_AUTHORITY_NAME_BYTES, MAX_ORIGIN_BYTES, MAX_TIME } from './limits.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkLimits } from './types.ts';

const KEY_BYTES = 32;

/** Signature lines carry `<origin>/<name>` as key name: no space, no plus sign, nothing that needs quoting. */
const ORIGIN = /^[a-z0-9][a-z0-9./_-]*$/;
const AUTHORITY_NAME = /^[a-z0-9][a-z0-9-]*$/;

const publicKey = bytes({ length: KEY_BYTES });

const readAuthority: Reader<AuthorityIdentity> = shape({
  name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES, pattern: AUTHORITY_NAME }),
  voteKey: publicKey,
  cosignKey: publicKey,
  logKey: publicKey,
  buildKey: publicKey,
  peerKey: publicKey,
});

const readGenesisShape: Reader<GenesisRecord> = shape({
  kind: literal('genesis'),
  v: literal(1),
  origin: text({ maxBytes: MAX_ORIGIN_BYTES, pattern: ORIGIN }),
  epoch: literal(1),
  created: int({ min: 0, max: MAX_TIME }),
  authorities: arrayOf(readAuthority, { min: 1, max: MAX_AUTHORITIES }),
  limits: shape({ maxArtifactBytes: int({ min: 1 }) }),
});

/** Reads a genesis record whose authorities have different names and whose keys each have one holder and one job. */
export const readGenesis: Reader<GenesisRecord> = (value, path) => {
  const genesis = readGenesisShape(value, path);
  if (!genesis.ok) return genesis;
  const { authorities } = genesis.value;
  if (new Set(authorities.map(({ name }) => name)).size < authorities.length) {
    return unusable('two authorities have one name');
  }
  const keys = authorities.flatMap(keysOf).map(toHex);
  return new Set(keys).size < keys.length ? unusable('a key is used twice') : genesis;
};

/** The CBOR form of a genesis record. */
export function genesisToCbor(record: GenesisRecord): CborMap {
  return {
    kind: record.kind,
    v: record.v,
    origin: record.origin,
    epoch: record.epoch,
    created: record.created,
    ...authoritySetToCbor(record.authorities, record.limits),
  };
}

/** The part of a genesis record that the set hash covers, besides the epoch. */
export function authoritySetToCbor(
  authorities: readonly AuthorityIdentity[],
  limits: NetworkLimits,
): { authorities: CborValue; limits: CborValue } {
  return { authorities: authorities.map((authority) => ({ ...authority })), limits: { ...limits } };
}

function keysOf(authority: AuthorityIdentity): Uint8Array[] {
  return [authority.voteKey, authority.cosignKey, authority.logKey, authority.buildKey, authority.peerKey];
}

function unusable(reason: string): Result<never> {
  return fail('E_GENESIS', { reason });
}
