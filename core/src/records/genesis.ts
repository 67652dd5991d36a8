import type { CborMap, CborValue } from '../encoding/cbor.ts';
import { arrayOf, int, literal, shape, text, type Reader } from '../encoding/cbor-shape.ts';
import { fail } from '../errors/result.ts';
import { authorityToCbor, flawOfSet, readAuthority } from './authority.ts';
import { MAX_AUTHORITIES, MAX_ORIGIN_BYTES, MAX_TIME } from './limits.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkLimits } from './types.ts';

/** Signature lines carry the origin as key name: no space, no plus sign, nothing that needs quoting. */
const ORIGIN = /^[a-z0-9][a-z0-9./_-]*$/;

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
  const flaw = flawOfSet(genesis.value.authorities);
  return flaw === undefined ? genesis : fail('E_GENESIS', { reason: flaw });
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
  return { authorities: authorities.map(authorityToCbor), limits: { ...limits } };
}
