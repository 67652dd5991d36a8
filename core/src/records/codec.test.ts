import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { encodeCapability } from '../eris/capability.ts';
import { encodeContent } from '../eris/encode.ts';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { makeAuthority } from './epochs.fixture.ts';
import { makeNetwork, makeProposal } from './network.fixture.ts';
import { genesisBatch } from './network.ts';
import { recordOf } from './proposal.ts';
import type { ArtifactAddRecord, AuthorityAddRecord, EpochHandoffRecord, LogRecord } from './types.ts';

const network = makeNetwork();
const purl = 'pkg:npm/%40noble/hashes@2.4.0';
const record: ArtifactAddRecord = recordOf(makeProposal(purl, utf8('content')), {
  epoch: 1,
  builders: Uint8Array.of(0b1111),
  evidence: new Uint8Array(32),
});
const entry = encodeRecord(record);
const largeBlocks = encodeCapability(encodeContent(utf8('content'), { blockSize: 32768 }).capability);
const approvals = Uint8Array.of(0b0111);
const evidence = new Uint8Array(32);
const handoff: EpochHandoffRecord = {
  kind: 'epoch-handoff',
  v: 1,
  epoch: 2,
  size: 7,
  root: evidence,
  cosignatures: [0, 2, 3].map((authority) => ({ authority, time: 1, signature: new Uint8Array(64) })),
  authorities: network.trust.current.authorities,
};
const joins: AuthorityAddRecord = {
  kind: 'authority-add',
  v: 1,
  epoch: 1,
  authority: makeAuthority(network, 'etna'),
  addresses: ['/dns4/etna.example/tcp/443/wss', '/ip6/2001:db8::1/udp/4001/quic-v1'],
  approvals,
  evidence,
};
const ofMembership: LogRecord[] = [
  handoff,
  joins,
  { kind: 'authority-remove', v: 1, epoch: 1, name: 'ayla', approvals, evidence },
  { kind: 'equivocation', v: 1, epoch: 1, name: 'ayla', offence: 'two-cosignatures', evidence },
];
const entries = [entry, ...genesisBatch(network.trust), ...ofMembership.map(encodeRecord)];

/** The record's CBOR map with one field exchanged, then read again. */
function readChanged(change: (map: Record<string, unknown>) => void) {
  const map = structuredClone(unwrap(decodeCbor(entry))) as Record<string, unknown>;
  change(map);
  return decodeRecord(encodeCbor(map as CborMap));
}

function artifactOf(map: Record<string, unknown>): Record<string, unknown> {
  return (map['artifacts'] as Record<string, unknown>[])[0] ?? {};
}

describe('log records', () => {
  it('read back as they were written', () => {
    for (const bytes of entries) {
      const decoded = unwrap(decodeRecord(bytes));
      expect(equalBytes(encodeRecord(decoded), bytes)).toBe(true);
    }
    expect(unwrap(decodeRecord(entry))).toEqual(record);
  });

  it('stay small: an artifact-add without a long about is below 600 bytes', () => {
    expect(entry.length).toBeLessThan(600);
  });

  it.each<[string, (map: Record<string, unknown>) => void]>([
    ['an unknown field', (map) => (map['extra'] = 1)],
    ['a missing field', (map) => delete map['about']],
    ['another version', (map) => (map['v'] = 2)],
    ['an unknown kind', (map) => (map['kind'] = 'artifact-burn')],
    ['a purl without version', (map) => (map['purl'] = 'pkg:npm/clsx')],
    ['a purl in another spelling', (map) => (map['purl'] = 'pkg:npm/@noble/hashes@2.4.0')],
    ['no artifact', (map) => (map['artifacts'] = [])],
    ['two artifacts of one name', (map) => (map['artifacts'] = [artifactOf(map), artifactOf(map)])],
    ['a file name with a slash', (map) => (artifactOf(map)['name'] = '../x.tgz')],
    ['a file name that is a folder', (map) => (artifactOf(map)['name'] = '..')],
    ['a media type with a newline', (map) => (artifactOf(map)['mediaType'] = 'text/html\n')],
    ['a negative size', (map) => (artifactOf(map)['size'] = -1)],
    ['a size that the capability cannot have', (map) => (artifactOf(map)['size'] = 4000)],
    ['blocks of another size than its length asks for', (map) => (artifactOf(map)['eris'] = largeBlocks)],
    ['a short digest', (map) => (artifactOf(map)['sha256'] = new Uint8Array(31))],
    ['a capability of no known block size', (map) => (artifactOf(map)['eris'] = new Uint8Array(66))],
    ['an about part of more than 4096 bytes', (map) => (map['about'] = { description: 'x'.repeat(4090) })],
    [
      'a method that is not defined yet',
      (map) => ((map['provenance'] as CborMap & { method: string }).method = 'rebuilt'),
    ],
  ])('with %s are refused', (_, change) => {
    expect(readChanged(change).ok).toBe(false);
  });

  it('with two authorities of one name or one key used twice are refused', () => {
    const [first, second, ...rest] = network.trust.current.authorities;
    if (first === undefined || second === undefined) throw new Error('The fixture has four authorities.');
    const twins = [first, { ...second, name: first.name }, ...rest];
    const shared = [first, { ...second, buildKey: first.peerKey }, ...rest];
    expect(() => makeNetwork(4, { authorities: twins })).toThrow('one name');
    expect(() => makeNetwork(4, { authorities: shared })).toThrow('used twice');
  });

  it.each<[string, LogRecord]>([
    ['a hand-off to the first epoch', { ...handoff, epoch: 1 }],
    ['a hand-off to two authorities', { ...handoff, authorities: handoff.authorities.slice(2) }],
    [
      'a hand-off whose cosigners do not ascend',
      { ...handoff, cosignatures: handoff.cosignatures.toReversed() },
    ],
    ['a hand-off of no one', { ...handoff, cosignatures: [] }],
    ['five addresses', { ...joins, addresses: Array.from({ length: 5 }, () => '/ip4/192.0.2.1/tcp/1') }],
    ['an address that is none', { ...joins, addresses: ['https://etna.example'] }],
    ['an address with a line end', { ...joins, addresses: ['/ip4/192.0.2.1/tcp/1\n'] }],
    ['a name with a slash', { ...joins, authority: { ...joins.authority, name: 'a/b' } }],
    ['a short key', { ...joins, authority: { ...joins.authority, logKey: new Uint8Array(31) } }],
  ])('with %s are refused', (_, refused) => {
    expect(decodeRecord(encodeRecord(refused)).ok).toBe(false);
  });

  it('fit into an entry with the largest set there can be', () => {
    const full = makeNetwork(100, {}, 'full').trust.current.authorities;
    const cosignatures = full.slice(0, 67).map((_authority, index) => ({
      authority: index,
      time: 2 ** 32,
      signature: new Uint8Array(64),
    }));
    expect(encodeRecord({ ...handoff, authorities: full, cosignatures }).length).toBeLessThan(34_000);
  });

  it('never throw while being read, and what is accepted has one encoding', { timeout: 30_000 }, () => {
    const hostile = fc.oneof(fc.uint8Array({ maxLength: 400 }), mutatedBytes(fc.constantFrom(...entries)));
    fc.assert(
      fc.property(hostile, (bytes) => {
        const decoded = decodeRecord(bytes);
        if (decoded.ok) expect(equalBytes(encodeRecord(decoded.value), bytes)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
