import { sha256 } from '../crypto/sha256.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { makeAuthoritySet, type AuthoritySet } from './authority-set.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import type { NetworkTrust, StateRecord } from './types.ts';

/** The root of the map of packages of a log that names none yet: that of the genesis batch. */
export const EMPTY_MAP_ROOT = new Uint8Array(32);

/** The name of a network: SHA-256 of its genesis entry. */
export function networkId(genesisBytes: Uint8Array): Uint8Array {
  return sha256(genesisBytes);
}

/** What a client pins of a network, derived from its genesis entry: one epoch, to which hand-offs add others. */
export function trustFromGenesis(genesisBytes: Uint8Array): Result<NetworkTrust> {
  const genesis = decodeRecord(genesisBytes);
  if (!genesis.ok) return genesis;
  if (genesis.value.kind !== 'genesis')
    return fail('E_GENESIS', { reason: `it is a ${genesis.value.kind} record` });
  const { origin, epoch, authorities, limits } = genesis.value;
  const first = makeAuthoritySet(origin, { epoch, authorities, limits, since: 0 });
  return ok({
    networkId: networkId(genesisBytes),
    genesisBytes,
    genesis: genesis.value,
    sets: [first],
    current: first,
    links: [],
  });
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
    setHash: trust.sets[0].setHash,
    recordCount: 1,
  };
  return [trust.genesisBytes, encodeRecord(state)];
}

/** The authority set of an epoch, if it is known. */
export function setOfEpoch({ sets }: NetworkTrust, epoch: number): AuthoritySet | undefined {
  return sets[epoch - 1];
}

/** Whose cosignatures a checkpoint of `size` entries needs: an epoch signs every head up to and including the one it ends with. */
export function setForSize({ sets, current }: NetworkTrust, size: number): AuthoritySet {
  const next = sets.findIndex(({ since }, index) => index > 0 && size <= since);
  return sets[next - 1] ?? current;
}
