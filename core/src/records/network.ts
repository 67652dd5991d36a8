import { sha256 } from '../crypto/sha256.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { LogPolicy } from '../log/policy.ts';
import { quorum } from '../log/quorum.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { authoritySetToCbor } from './genesis.ts';
import type { GenesisRecord, NetworkTrust, StateRecord } from './types.ts';

/** The map root of version 1, which has no map from names to records. */
export const EMPTY_MAP_ROOT = new Uint8Array(32);

/** The name of a network: SHA-256 of its genesis entry. */
export function networkId(genesisBytes: Uint8Array): Uint8Array {
  return sha256(genesisBytes);
}

/** Everything a client pins of a network, derived from its genesis entry. */
export function trustFromGenesis(genesisBytes: Uint8Array): Result<NetworkTrust> {
  const genesis = decodeRecord(genesisBytes);
  if (!genesis.ok) return genesis;
  if (genesis.value.kind !== 'genesis')
    return fail('E_GENESIS', { reason: `it is a ${genesis.value.kind} record` });
  return ok({
    networkId: networkId(genesisBytes),
    genesisBytes,
    genesis: genesis.value,
    setHash: setHash(genesis.value),
    policy: policyOf(genesis.value),
  });
}

/** SHA-256 of the canonical CBOR of {epoch, authorities, limits}: what a state record says about who is in charge. */
export function setHash({ epoch, authorities, limits }: GenesisRecord): Uint8Array {
  return sha256(encodeCbor({ epoch, ...authoritySetToCbor(authorities, limits) }));
}

/** The first batch of every log, which follows from the genesis record alone: itself and a state record at height 0. */
export function genesisBatch(trust: NetworkTrust): readonly [Uint8Array, Uint8Array] {
  const state: StateRecord = {
    kind: 'state',
    v: 1,
    epoch: trust.genesis.epoch,
    height: 0,
    time: trust.genesis.created,
    prevSize: 0,
    mapRoot: EMPTY_MAP_ROOT,
    setHash: trust.setHash,
    recordCount: 1,
  };
  return [trust.genesisBytes, encodeRecord(state)];
}

/** The key name under which an authority cosigns checkpoints. */
export function cosignerName(origin: string, authorityName: string): string {
  return `${origin}/${authorityName}`;
}

function policyOf({ origin, authorities }: GenesisRecord): LogPolicy {
  return {
    origin,
    logKeys: authorities.map(({ logKey }) => ({ name: origin, publicKey: logKey })),
    cosigners: authorities.map(({ name, cosignKey }) => ({
      name: cosignerName(origin, name),
      publicKey: cosignKey,
    })),
    quorum: quorum(authorities.length),
  };
}
