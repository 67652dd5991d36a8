import { fromBase64 } from '../encoding/base64.ts';
import { arrayOf, int, optional, shape, text, type ReadBy } from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import { parseJson } from '../archive/canonical-json.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { MAX_AUTHORITIES, MAX_AUTHORITY_NAME_BYTES } from '../records/limits.ts';
import { trustFromGenesis } from '../records/network.ts';
import type { NetworkTrust } from '../records/types.ts';

/** Longest `/network.json` that is read: a genesis record of 100 authorities in base64 and a page of addresses. */
export const MAX_NETWORK_DESCRIPTION_BYTES = 256 * 1024;

const MAX_RELAYS = 32;
const MAX_ADDRESSES = 16;
const address = text({ maxBytes: 512 });
const peerId = text({ maxBytes: 128 });

const readDescription = shape({
  networkId: text({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ }),
  origin: text({ maxBytes: 256 }),
  genesis: text({ maxBytes: MAX_NETWORK_DESCRIPTION_BYTES }),
  relays: arrayOf(
    shape({
      peerId,
      addresses: arrayOf(address, { max: MAX_ADDRESSES }),
      stun: arrayOf(text({ maxBytes: 300, pattern: /^stuns?:[^\s]+$/ }), { max: MAX_ADDRESSES }),
    }),
    { max: MAX_RELAYS },
  ),
  mirrors: arrayOf(text({ maxBytes: 512, pattern: /^https?:\/\/[^\s]+$/ }), { max: MAX_RELAYS }),
  epoch: optional(int({ min: 1 })),
  /** A C2SP tlog-policy file, for other tools. */
  policy: optional(text({ maxBytes: MAX_NETWORK_DESCRIPTION_BYTES })),
  authorities: arrayOf(
    shape({
      name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
      peerId,
      /** Key of its libp2p identity in hex. */
      peerKey: optional(text({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ })),
      addresses: optional(arrayOf(address, { max: MAX_ADDRESSES })),
    }),
    { max: MAX_AUTHORITIES },
  ),
});

type Document = ReadBy<typeof readDescription>;

/** A relay as `/network.json` names it: libp2p addresses and STUN servers (`stun:host:port`). */
export type RelayDescription = Document['relays'][number];

/** What `/network.json` tells a newcomer. Only the genesis record can be pinned; the rest says whom to ask. */
export interface NetworkDescription {
  /** Derived from the genesis record in it. */
  readonly trust: NetworkTrust;
  readonly relays: readonly RelayDescription[];
  /** Base URLs of HTTP mirrors. */
  readonly mirrors: readonly string[];
  readonly authorities: Document['authorities'];
}

/** Reads `/network.json`. The network id is computed anew from the genesis record and must be the one that is named. Total. */
export function parseNetworkDescription(json: string): Result<NetworkDescription> {
  const value = parseJson(json);
  if (!value.ok) return value;
  const read = readDescription(value.value, '$');
  if (!read.ok) return read;
  const { networkId, genesis, relays, mirrors, authorities } = read.value;
  const bytes = fromBase64(genesis);
  if (!bytes.ok) return bytes;
  const trust = trustFromGenesis(bytes.value);
  if (!trust.ok) return trust;
  if (toHex(trust.value.networkId) !== networkId) {
    return fail('E_PROTOCOL', { reason: 'the network id is not that of the genesis record' });
  }
  return ok({ trust: trust.value, relays, mirrors, authorities });
}
