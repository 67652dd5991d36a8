import type { CborMap } from '../encoding/cbor.ts';
import { arrayOf, bytes, shape, text, type Reader } from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import {
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_AUTHORITIES,
  MAX_AUTHORITY_NAME_BYTES,
  MIN_AUTHORITIES,
} from './limits.ts';
import type { AuthorityIdentity } from './types.ts';

const KEY_BYTES = 32;

/** Signature lines carry `<origin>/<name>` as key name: no space, no plus sign, nothing that needs quoting. */
const AUTHORITY_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** A multiaddr in text: `/ip4/192.0.2.1/tcp/4100`, without anything a terminal or a page would have to escape. */
const ADDRESS = /^(\/[A-Za-z0-9._:%-]+)+$/;

/** Reads an Ed25519 public key; whether it is a usable point is for the signature check to say. */
export const readPublicKey: Reader<Uint8Array> = bytes({ length: KEY_BYTES });

/** Reads the name of an authority. */
export const readAuthorityName: Reader<string> = text({
  maxBytes: MAX_AUTHORITY_NAME_BYTES,
  pattern: AUTHORITY_NAME,
});

/** Reads one authority. */
export const readAuthority: Reader<AuthorityIdentity> = shape({
  name: readAuthorityName,
  voteKey: readPublicKey,
  cosignKey: readPublicKey,
  logKey: readPublicKey,
  buildKey: readPublicKey,
  peerKey: readPublicKey,
});

/** Reads the addresses under which an authority can be dialled, multiaddrs as text. */
export const readAddresses: Reader<readonly string[]> = arrayOf(
  text({ maxBytes: MAX_ADDRESS_BYTES, pattern: ADDRESS }),
  { max: MAX_ADDRESSES },
);

/** The keys of an authority, each with another job. */
export function keysOf(authority: AuthorityIdentity): readonly Uint8Array[] {
  return [authority.voteKey, authority.cosignKey, authority.logKey, authority.buildKey, authority.peerKey];
}

/** The CBOR form of an authority. */
export function authorityToCbor(authority: AuthorityIdentity): CborMap {
  return { ...authority };
}

/** Why these authorities cannot make a set: two of one name, or a key that is used twice. Undefined when they can. */
export function flawOfSet(authorities: readonly AuthorityIdentity[]): string | undefined {
  if (new Set(authorities.map(({ name }) => name)).size < authorities.length) {
    return 'two authorities have one name';
  }
  const keys = authorities.flatMap(keysOf).map(toHex);
  return new Set(keys).size < keys.length ? 'a key is used twice' : undefined;
}

/** Why a set that the authorities changed to cannot be: those of `flawOfSet`, or too few or too many members. */
export function flawOfChangedSet(authorities: readonly AuthorityIdentity[]): string | undefined {
  const count = authorities.length;
  if (count < MIN_AUTHORITIES) return `${count} authorities would be left; at least ${MIN_AUTHORITIES} must`;
  if (count > MAX_AUTHORITIES)
    return `there would be ${count} authorities; at most ${MAX_AUTHORITIES} may be`;
  return flawOfSet(authorities);
}
