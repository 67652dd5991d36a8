import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { AuthorityConfig } from '../config.ts';
import type { MeshPeer } from '../network/mesh.ts';
import type { MembershipBook } from './book.ts';
import { candidateId } from './plan.ts';

/** Digits of a candidate's digest that tell it from others of its name. */
const ID_DIGITS = 8;

/** What the mesh calls a candidate: its name, unless an authority with another node has or had that. */
export function peerName(candidate: Candidate, { context }: Pick<MembershipBook, 'context'>): string {
  const { name, peerKey } = candidate.authority;
  const holder = latestOf(context.trust, name);
  const isFree = holder === undefined || equalBytes(holder.peerKey, peerKey);
  return isFree ? name : `${name} (candidate ${candidateId(candidate).slice(0, ID_DIGITS)})`;
}

/** Where to find whom: by name, from the log and the configuration. */
export type AddressBook = ReadonlyMap<string, readonly string[]>;

/**
 * Everybody an authority speaks with: the members, those who were members before and may have to learn that they are not any more,
 * the candidates, and who its configuration names besides. Who has left long ago is only answered: it may be gone for good.
 */
export function peersOf(
  book: Pick<MembershipBook, 'context' | 'candidates'>,
  config: Pick<AuthorityConfig, 'peers'>,
  addresses: AddressBook,
): MeshPeer[] {
  const peers = new Map<string, MeshPeer>();
  const { trust } = book.context;
  for (const { name, peerKey, addresses: configured } of config.peers) {
    if (peerKey !== undefined)
      peers.set(name, { name, peerKey: unwrap(fromHex(peerKey)), addresses: configured });
  }
  for (const { epoch, authorities } of trust.sets) {
    const isRecent = epoch >= trust.current.epoch - 1;
    for (const { name, peerKey } of authorities) {
      const configured = config.peers.find((peer) => peer.name === name)?.addresses;
      peers.set(name, {
        name,
        peerKey,
        addresses: isRecent ? (addresses.get(name) ?? configured ?? []) : [],
      });
    }
  }
  for (const { candidate } of book.candidates) {
    const name = peerName(candidate, book);
    peers.set(name, { name, peerKey: candidate.authority.peerKey, addresses: candidate.addresses });
  }
  return onePerNode([...peers.values()]);
}

/** Two names for one node cannot both be called; the later one is the newer. */
function onePerNode(peers: readonly MeshPeer[]): MeshPeer[] {
  return peers.filter(
    ({ peerKey }, at) => !peers.some((other, later) => later > at && equalBytes(other.peerKey, peerKey)),
  );
}

function latestOf({ sets }: NetworkTrust, name: string) {
  return sets
    .toReversed()
    .flatMap(({ authorities }) => authorities)
    .find((authority) => authority.name === name);
}
