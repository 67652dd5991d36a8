import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { u32be } from '../encoding/bytes.ts';
import { ProviderTable } from './provider-table.ts';

const root = (i: number): Uint8Array => sha256(u32be(i));
const limits = { ttlSeconds: 100, maxPeers: 3, maxRootsPerPeer: 4, maxProvidersPerRoot: 2 };

function make(): { table: ProviderTable; wait: (seconds: number) => void } {
  let now = 1000;
  return { table: new ProviderTable(() => now, limits), wait: (seconds) => (now += seconds) };
}
const peers = (table: ProviderTable, i: number, asker?: string): string[] =>
  table.lookup(root(i), asker).map(({ peerId }) => peerId);

describe('ProviderTable', () => {
  it('gives those who announced last first, without the asker, up to its limit', () => {
    const { table } = make();
    for (const peer of ['a', 'b', 'c']) table.announce(peer, [`/x/p2p/${peer}`], [root(1)]);
    expect(table.lookup(root(1))).toEqual([
      { peerId: 'c', addresses: ['/x/p2p/c'] },
      { peerId: 'b', addresses: ['/x/p2p/b'] },
    ]);
    expect(peers(table, 1, 'c')).toEqual(['b', 'a']);
    table.announce('a', [], [root(1)]);
    expect(peers(table, 1)).toEqual(['a', 'c']);
    expect(peers(table, 2)).toEqual([]);
  });

  it('forgets by time unless announced again', () => {
    const { table, wait } = make();
    table.announce('a', [], [root(1)]);
    table.announce('b', [], [root(1)]);
    wait(60);
    table.announce('b', [], [root(1)]);
    wait(60);
    expect(peers(table, 1)).toEqual(['b']);
    wait(60);
    table.sweep();
    expect(table.size).toEqual({ peers: 0, roots: 0 });
  });

  it('forgets what is withdrawn and who went away', () => {
    const { table } = make();
    table.announce('a', [], [root(1), root(2)]);
    table.announce('b', [], [root(1)]);
    table.withdraw('a', [root(1)]);
    expect([peers(table, 1), peers(table, 2)]).toEqual([['b'], ['a']]);
    table.removePeer('a');
    table.removePeer('b');
    expect(table.size).toEqual({ peers: 0, roots: 0 });
  });

  it('stays within its limits whatever is announced', () => {
    const { table } = make();
    const many = Array.from({ length: 50 }, (_, i) => root(i));
    expect(table.announce('a', [], many)).toBe(4);
    expect(table.announce('a', [], [root(0)])).toBe(1);
    for (let i = 0; i < 100; i++) table.announce(`p${i}`, [], [root(i)]);
    expect(table.size).toEqual({ peers: 3, roots: 3 });
    expect(peers(table, 99)).toEqual(['p99']);
  });
});
