import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { makeProposal } from '../records/network.fixture.ts';
import { recordOf } from '../records/proposal.ts';
import type { About, LogRecord, StateRecord } from '../records/types.ts';
import { Catalogue } from './catalogue.ts';

const proposal = makeProposal('pkg:npm/sample@1.0.0', utf8('x'));
const state = (time: number): StateRecord => ({
  kind: 'state',
  v: 1,
  epoch: 1,
  height: 1,
  time,
  prevSize: 0,
  mapRoot: new Uint8Array(32),
  setHash: new Uint8Array(32),
  recordCount: 1,
});

function catalogueOf(...versions: readonly [purl: string, about: About][]): Catalogue {
  const catalogue = new Catalogue();
  const records: LogRecord[] = versions.flatMap(([purl, about], i) => [
    recordOf(
      { ...proposal, purl, about },
      { epoch: 1, builders: Uint8Array.of(7), evidence: new Uint8Array(32) },
    ),
    state(1000 + i),
  ]);
  catalogue.add(records.map((record, index) => ({ index, record })));
  return catalogue;
}

const catalogue = catalogueOf(
  ['pkg:npm/react@18.0.0', { description: 'A library for user interfaces.' }],
  ['pkg:npm/react-dom@18.0.0', { description: 'React for the DOM.' }],
  ['pkg:npm/%40noble/hashes@2.0.0', { description: 'SHA2, BLAKE in JS', keywords: ['sha256', 'crypto'] }],
  ['pkg:npm/preact@10.0.0', { description: 'Like react, but small.' }],
  ['pkg:npm/create-react-app@5.0.0', {}],
  ['pkg:npm/react@19.0.0', { description: 'A library for user interfaces.' }],
);
const names = (query: string, limit = 10): string[] =>
  catalogue.search(query, limit).map(({ name, version }) => `${name}@${version}`);

describe('Catalogue', () => {
  it('finds a version by its purl and dates it by its batch', () => {
    const entry = catalogue.byPurl('pkg:npm/%40noble/hashes@2.0.0');
    expect(entry).toMatchObject({ index: 4, name: '@noble/hashes', version: '2.0.0', time: 1002 });
    expect(catalogue.byPurl('pkg:npm/none@1.0.0')).toBeUndefined();
  });

  it('lists versions and recent records, newest first', () => {
    expect(catalogue.versions('react').map(({ version }) => version)).toEqual(['19.0.0', '18.0.0']);
    expect(catalogue.versions('none')).toEqual([]);
    expect(catalogue.recent(2).map(({ name }) => name)).toEqual(['react', 'create-react-app']);
    expect(catalogue.recent(0)).toEqual([]);
    expect(catalogue.recent(100)).toHaveLength(catalogue.size);
    expect(catalogue.size).toBe(6);
  });

  it('finds every version that holds the same bytes, or a file of the same name, newest first', () => {
    const files = new Catalogue();
    const add = (purl: string, content: string, name: string): LogRecord =>
      recordOf(makeProposal(purl, utf8(content), name), {
        epoch: 1,
        builders: Uint8Array.of(7),
        evidence: new Uint8Array(32),
      });
    const records = [
      add('pkg:npm/a@1.0.0', 'same', 'a.tgz'),
      add('pkg:npm/b@1.0.0', 'other', 'a.tgz'),
      add('pkg:npm/c@1.0.0', 'same', 'c.tgz'),
      state(1000),
    ];
    files.add(records.map((record, index) => ({ index, record })));
    const names = (found: readonly { readonly name: string }[]): string[] => found.map(({ name }) => name);
    expect(names(files.byDigest(sha256(utf8('same'))))).toEqual(['c', 'a']);
    expect(files.byDigest(sha256(utf8('none')))).toEqual([]);
    expect(names(files.byFileName('a.tgz'))).toEqual(['b', 'a']);
    expect(files.byFileName('none.tgz')).toEqual([]);
  });

  it('ranks exact names, then prefixes, words, keywords and descriptions', () => {
    expect(names('react')).toEqual([
      'react@19.0.0',
      'react-dom@18.0.0',
      'create-react-app@5.0.0',
      'preact@10.0.0',
    ]);
    expect(names('REACT ', 1)).toEqual(['react@19.0.0']);
    expect(names('hashes')).toEqual(['@noble/hashes@2.0.0']);
    expect(names('@noble/ha')).toEqual(['@noble/hashes@2.0.0']);
    expect(names('sha256')).toEqual(['@noble/hashes@2.0.0']);
    expect(names('user interfaces')).toEqual(['react@19.0.0']);
    expect(names('user nonsense')).toEqual([]);
    expect(names('pkg:npm/react@18.0.0')).toEqual(['react@18.0.0']);
    expect(names(' -- ')).toEqual([]);
  });
});
