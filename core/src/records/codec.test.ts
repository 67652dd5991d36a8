import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { encodeCapability } from '../eris/capability.ts';
import { encodeContent } from '../eris/encode.ts';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { makeNetwork, makeProposal } from './network.fixture.ts';
import { genesisBatch } from './network.ts';
import { recordOf } from './proposal.ts';
import type { ArtifactAddRecord } from './types.ts';

const network = makeNetwork();
const purl = 'pkg:npm/%40noble/hashes@2.4.0';
const record: ArtifactAddRecord = recordOf(makeProposal(purl, utf8('content')), {
  epoch: 1,
  builders: Uint8Array.of(0b1111),
  evidence: new Uint8Array(32),
});
const entry = encodeRecord(record);
const largeBlocks = encodeCapability(encodeContent(utf8('content'), { blockSize: 32768 }).capability);
const entries = [entry, ...genesisBatch(network.trust)];

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
