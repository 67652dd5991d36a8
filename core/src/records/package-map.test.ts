import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { leafHash, nodeHash } from '../log/merkle.ts';
import { verifyTrieProof } from '../log/trie-proof.ts';
import { makeNetwork, makeProposal } from './network.fixture.ts';
import {
  packageEventOf,
  packageHead,
  packageKey,
  PackageMap,
  type PackageEvent,
  type PackageId,
} from './package-map.ts';
import { EMPTY_MAP_ROOT, genesisBatch } from './network.ts';
import { decodeRecord } from './codec.ts';
import type { ArtifactAddRecord } from './types.ts';

const NAMES = ['clsx', '@noble/hashes', 'zod', 'mitt'];
const npm = (name: string): PackageId => ({ type: 'npm', name });
const hashOf = (index: number) => sha256(utf8(`entry ${index}`));

function add(name: string, version: string): ArtifactAddRecord {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const { kind, v, artifacts, about, provenance } = makeProposal(purl, utf8(purl));
  return {
    kind,
    v,
    epoch: 1,
    purl,
    artifacts,
    about,
    provenance: { ...provenance, builders: Uint8Array.of(7), evidence: sha256() },
  };
}

/** Which package each record is about; the n-th one is entry n of the log and version n.0.0. */
const anyLog = fc.array(fc.constantFrom(...NAMES), { maxLength: 20 });
const mapOf = (names: readonly string[], base = PackageMap.empty, start = 0) =>
  names.reduce((map, name, i) => map.add(add(name, `${start + i}.0.0`), start + i, hashOf(start + i)), base);
const eventsOf = (names: readonly string[], name: string): PackageEvent[] =>
  names.flatMap((each, index) =>
    each === name
      ? [{ index, kind: 'artifact-add' as const, version: `${index}.0.0`, leafHash: hashOf(index) }]
      : [],
  );

describe('the map of packages', () => {
  it('is 32 zero bytes for a log of a genesis batch', () => {
    const { trust } = makeNetwork();
    let map = PackageMap.empty;
    for (const [index, entry] of genesisBatch(trust).entries()) {
      const record = decodeRecord(entry);
      if (record.ok) map = map.add(record.value, index, leafHash(entry));
    }
    expect(map).toBe(PackageMap.empty);
    expect(map.root()).toEqual(EMPTY_MAP_ROOT);
  });

  it('has the hashes that its format says', () => {
    const events = [hashOf(2), hashOf(3)].map((hash, i) =>
      leafHash(encodeCbor([2 + i, 'artifact-add', `${2 + i}.0.0`, hash])),
    );
    const head = sha256(
      encodeCbor({ events: 2, root: nodeHash(events[0] ?? sha256(), events[1] ?? sha256()) }),
    );
    const root = sha256(Uint8Array.of(2), sha256(utf8('pkg\0npm\0@noble/hashes')), head);
    expect(mapOf(['@noble/hashes', '@noble/hashes'], PackageMap.empty, 2).root()).toEqual(root);
  });

  it('tells the version of a package event, and that other records are about none', () => {
    const record = add('@noble/hashes', '2.4.0-rc.1');
    expect(packageEventOf(record, 5, hashOf(5))).toEqual({
      package: npm('@noble/hashes'),
      event: { index: 5, kind: 'artifact-add', version: '2.4.0-rc.1', leafHash: hashOf(5) },
    });
    expect(packageEventOf(makeNetwork().trust.genesis, 0, hashOf(0))).toBeUndefined();
  });

  it('finds names and versions whose characters a purl encodes', () => {
    const purl = 'pkg:npm/%40a/b%2Ac@1.0.0%2Bbuild';
    const record = { ...add('b', '1.0.0'), purl };
    const [event] = PackageMap.empty.add(record, 2, hashOf(2)).events(npm('@a/b*c'));
    expect(event).toMatchObject({ index: 2, version: '1.0.0+build' });
  });

  it('lists all that the log says about a package, in order, and proves it', () => {
    fc.assert(
      fc.property(anyLog, (names) => {
        const map = mapOf(names);
        for (const name of [...NAMES, 'unknown']) {
          const expected = eventsOf(names, name);
          expect(map.events(npm(name))).toEqual(expected);
          expect(verifyTrieProof(map.root(), packageKey(npm(name)), map.prove(npm(name)))).toEqual({
            ok: true,
            value: { value: expected.length === 0 ? undefined : packageHead(expected) },
          });
        }
      }),
    );
  });

  it('has the same root whether it was asked for one after each record or only at the end', () => {
    fc.assert(
      fc.property(anyLog, (names) => {
        let map = PackageMap.empty;
        for (const [i, name] of names.entries()) {
          map = map.add(add(name, `${i}.0.0`), i, hashOf(i));
          expect(map.root()).toEqual(mapOf(names.slice(0, i + 1)).root());
        }
      }),
      { numRuns: 30 },
    );
  });

  it('stays as it was when two others grow out of it', () => {
    fc.assert(
      fc.property(anyLog, anyLog, anyLog, fc.boolean(), (shared, one, other, asked) => {
        const base = mapOf(shared);
        if (asked) base.root();
        const grown = [one, other].map((names) => mapOf(names, base, shared.length));
        for (const [i, names] of [one, other].entries()) {
          expect(grown[i]?.root()).toEqual(mapOf([...shared, ...names]).root());
          for (const name of NAMES)
            expect(grown[i]?.events(npm(name))).toEqual(eventsOf([...shared, ...names], name));
        }
        expect(base.root()).toEqual(mapOf(shared).root());
        for (const name of NAMES) expect(base.events(npm(name))).toEqual(eventsOf(shared, name));
      }),
    );
  });

  it('has another root when one event is missing, changed or out of order', () => {
    const names = ['zod', 'clsx', 'zod', 'zod'];
    const events = eventsOf(names, 'zod');
    const [first, second, third] = events;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three events');
    const others = [
      [first, second],
      [second, first, third],
      [first, second, { ...third, version: '3.0.1' }],
      [first, second, { ...third, index: 4 }],
      [first, second, { ...third, leafHash: hashOf(9) }],
      [...events, third],
      [],
    ];
    for (const changed of others) expect(packageHead(changed)).not.toEqual(packageHead(events));
  });
});
