import { describe, expect, it } from 'vitest';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { makeAuthoritySet } from '@assay/core/records/authority-set.ts';
import { makeAuthority, makeCandidate } from '@assay/core/records/epochs.fixture.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import type { AuthorityIdentity, NetworkTrust } from '@assay/core/records/types.ts';
import { MembershipBook } from './book.ts';
import { peerName, peersOf } from './peers.ts';

const network = makeNetwork(4);
const founders = network.trust.current.authorities;

/** The network after epochs with these members. */
function trustAfter(...epochs: (readonly AuthorityIdentity[])[]): NetworkTrust {
  return epochs.reduce<NetworkTrust>((trust, authorities) => {
    const { epoch, limits } = trust.current;
    const current = makeAuthoritySet(trust.genesis.origin, {
      epoch: epoch + 1,
      authorities,
      limits,
      since: 10 * epoch,
    });
    return { ...trust, sets: [...trust.sets, current], current };
  }, network.trust);
}

const bookOf = (trust: NetworkTrust) =>
  new MembershipBook(
    { trust, set: trust.current, start: { size: 2, root: new Uint8Array(32) } },
    verifyEd25519Node,
  );
const at = (address: string) => [`/ip4/127.0.0.1/tcp/${address}`];
const config = { peers: founders.map(({ name }, index) => ({ name, addresses: at(String(index)) })) };
const summary = (...args: Parameters<typeof peersOf>) =>
  Object.fromEntries(peersOf(...args).map(({ name, addresses }) => [name, addresses]));

describe('whom an authority speaks with', () => {
  it('are the founders where its configuration finds them', () => {
    const peers = summary(bookOf(network.trust), config, new Map());
    expect(peers).toEqual({ ayla: at('0'), borneo: at('1'), cassini: at('2'), delft: at('3') });
  });

  it('are later members where the log finds them; of former ones it dials only the last to leave', () => {
    const etna = makeAuthority(network, 'etna');
    const trust = trustAfter([...founders.slice(1), etna], [...founders.slice(2), etna]);
    const peers = summary(bookOf(trust), config, new Map([['etna', at('9')]]));
    expect(peers).toEqual({ ayla: [], borneo: at('1'), cassini: at('2'), delft: at('3'), etna: at('9') });
  });

  it('are candidates, also of the name of a member, whose node stays the one it is', () => {
    const book = bookOf(network.trust);
    const etna = makeCandidate(network, 'etna');
    const impostor = makeCandidate(network, 'delft', 2);
    for (const candidate of [etna, impostor]) book.addCandidate(candidate);
    const peers = peersOf(book, config, new Map());
    expect(peers.find(({ name }) => name === 'etna')?.addresses).toEqual(etna.addresses);
    expect(peers.find(({ name }) => name === 'delft')?.peerKey).toEqual(founders[3]?.peerKey);
    expect(peerName(impostor, book)).toMatch(/^delft \(candidate [0-9a-f]{8}\)$/);
    expect(peers.find(({ name }) => name === peerName(impostor, book))?.peerKey).toEqual(
      impostor.authority.peerKey,
    );
  });

  it('are those its configuration names by their keys, though the log has not told of them yet', () => {
    const etna = makeAuthority(network, 'etna');
    const named = { name: 'etna', peerKey: toHex(etna.peerKey), addresses: at('9') };
    const peers = summary(bookOf(network.trust), { peers: [...config.peers, named] }, new Map());
    expect(peers['etna']).toEqual(at('9'));
  });
});
