import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { genesisBatch } from './network.ts';
import { makeNetwork, makeProposal } from './network.fixture.ts';
import { recordOf } from './proposal.ts';
import { ScannedAdd, scanRecord } from './scan-record.ts';
import type { About, ArtifactAddRecord, StateRecord } from './types.ts';

const model: ArtifactAddRecord = recordOf(makeProposal('pkg:npm/sample@1.0.0', utf8('sample')), {
  epoch: 1,
  builders: Uint8Array.of(7),
  evidence: new Uint8Array(32).fill(3),
});
const hash = (value: number) => new Uint8Array(32).fill(value);
const state: StateRecord = {
  kind: 'state',
  v: 1,
  epoch: 3,
  height: 70_000,
  time: 1_790_000_000,
  prevSize: 5_000_000_000,
  mapRoot: hash(1),
  setHash: hash(2),
  recordCount: 15,
};

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });
const about: fc.Arbitrary<About> = fc.record(
  {
    description: anyText,
    license: anyText,
    authors: fc.array(anyText, { maxLength: 30 }),
    keywords: fc.array(anyText, { maxLength: 30 }),
    homepage: anyText,
    repository: anyText,
    dependencies: fc.dictionary(anyText, anyText, { maxKeys: 30 }),
  },
  { requiredKeys: [] },
);
const purl = fc.constantFrom(
  'pkg:npm/a@1.0.0',
  'pkg:npm/%40noble/hashes@2.4.0',
  'pkg:npm/%40_x/y@0.0.0',
  'pkg:npm/a@1.0.0-rc.1',

  'pkg:npm/a@1.0.0%2Bbuild',
  'pkg:npm/A_b.c~d@1.2.3',
  `pkg:npm/${'n'.repeat(214)}@1.0.0`,
  'pkg:npm/a%2A@1.0.0',
);
const entry = fc.oneof(
  fc.tuple(about, purl).map(([part, name]) => encodeRecord({ ...model, about: part, purl: name })),
  fc
    .tuple(fc.nat(), fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 1, max: 70_000 }))
    .map(([height, prevSize, recordCount]) => encodeRecord({ ...state, height, prevSize, recordCount })),
);

/** What it gives, `decodeRecord` gives too. */
function expectAgreement(bytes: Uint8Array): ReturnType<typeof scanRecord> {
  const scanned = scanRecord(bytes);
  if (scanned === undefined) return undefined;
  const decoded = decodeRecord(bytes);
  if (!decoded.ok) throw new Error(`accepted what is refused with ${decoded.error.code}`);
  if (!(scanned instanceof ScannedAdd)) expect(scanned).toEqual(decoded.value);
  else {
    expect(decoded.value.kind).toBe('artifact-add');
    expect(scanned.whole).toEqual(decoded.value);
    const { epoch, purl: name, artifacts, provenance } = scanned.whole;
    expect([scanned.epoch, scanned.purl]).toEqual([epoch, name]);
    expect(scanned.largest).toBe(Math.max(...artifacts.map(({ size }) => size)));
    expect(Uint8Array.from(scanned.builders)).toEqual(provenance.builders);
  }
  return scanned;
}

describe('scanRecord', () => {
  it('reads valid entries as decodeRecord does, without its help where they are usual', () => {
    fc.assert(fc.property(entry, (bytes) => expectAgreement(bytes) !== undefined));
  });

  it('accepts no mutated entry that decodeRecord refuses', () => {
    const mutation = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.nat(255),
      cut: fc.nat(3),
    });
    const property = fc.property(entry, mutation, fc.nat(3), (bytes, { at, byte, cut }, kind) => {
      const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
      const [before, after] = [bytes.subarray(0, place), bytes.subarray(place + (kind === 1 ? cut : 1))];
      const middle = kind === 2 ? [byte, bytes[place] ?? 0] : kind === 1 ? [] : [byte];
      expectAgreement(Uint8Array.from([...before, ...middle, ...after]));
    });
    fc.assert(property, { numRuns: 3000 });
  });

  it('changes nothing by flipping every single byte of one entry of each kind', () => {
    for (const bytes of [encodeRecord(model), encodeRecord(state)]) {
      for (let place = 0; place < bytes.length; place++) {
        for (const flip of [1, 2, 0x20, 0x40, 0x80, 0xff]) {
          expectAgreement(bytes.map((byte, i) => (i === place ? byte ^ flip : byte)));
        }
      }
    }
  });

  it.each<[string, object]>([
    ['a reserved name', { purl: 'pkg:npm/node_modules@1.0.0' }],
    ['a purl that is not canonical', { purl: 'pkg:npm/%61@1.0.0' }],
    ['a purl without version', { purl: 'pkg:npm/a' }],
    ['a version with a leading zero', { purl: 'pkg:npm/a@1.01.0' }],
    ['a name with a scope of dots', { purl: 'pkg:npm/%40.a/b@1.0.0' }],
    ['a name too long', { purl: `pkg:npm/${'n'.repeat(215)}@1.0.0` }],
    ['a number beyond safe integers', { purl: `pkg:npm/a@${2 ** 53}.0.0` }],
    ['epoch 0', { epoch: 0 }],
    ['an unknown field', { extra: 1 }],
    ['an unknown field of about', { about: { author: 'me' } }],
    ['an about that is too large', { about: { description: 'x'.repeat(4096) } }],
    ['a file name that leaves its folder', { artifacts: [{ ...model.artifacts[0], name: '../x' }] }],
    ['a file name of dots', { artifacts: [{ ...model.artifacts[0], name: '..' }] }],
    ['no file name', { artifacts: [{ ...model.artifacts[0], name: '' }] }],
    ['a media type without a slash', { artifacts: [{ ...model.artifacts[0], mediaType: 'gzip' }] }],
    ['a size that does not fit its capability', { artifacts: [{ ...model.artifacts[0], size: 20_000 }] }],
    ['a bitmap that is too long', { provenance: { ...model.provenance, builders: new Uint8Array(14) } }],
  ])('leaves %s to decodeRecord, which refuses it', (_what, changes) => {
    const bytes = encodeCbor({ ...model, ...changes } as never);
    expect(decodeRecord(bytes).ok).toBe(false);
    expect(scanRecord(bytes)).toBeUndefined();
  });

  it('leaves other kinds and several artifacts to decodeRecord', () => {
    const [artifact] = model.artifacts;
    if (artifact === undefined) throw new Error('no artifact');
    const two = encodeRecord({ ...model, artifacts: [artifact, { ...artifact, name: 'other.tgz' }] });
    const [genesis] = genesisBatch(makeNetwork().trust);
    for (const bytes of [two, genesis]) {
      expect(decodeRecord(bytes).ok).toBe(true);
      expect(scanRecord(bytes)).toBeUndefined();
    }
  });
});
