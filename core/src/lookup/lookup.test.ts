import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok, unwrap, type Result } from '../errors/result.ts';
import { verifyConsistency } from '../log/merkle.ts';
import { versionsByLookup } from '../node/light-catalogue.ts';
import type { ProvenLookup } from '../node/light-head.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { answerLookup } from './answer.ts';
import { decodeLookup, encodeLookup, MAX_LOOKUP_BYTES, type LookupBundle } from './bundle.ts';
import { checkLookup, checkLookupHead } from './check.ts';
import { LookupLog } from './lookup.fixture.ts';

const batches = [
  ['pkg:npm/clsx@2.0.0', 'pkg:npm/zod@4.0.0'],
  ['pkg:npm/%40noble/hashes@2.0.0'],
  ['pkg:npm/clsx@2.1.1', 'pkg:npm/mitt@3.0.1', 'pkg:npm/clsx@2.1.0'],
];
const CLSX = 'pkg:npm/clsx@2.1.1';

let log: LookupLog;

beforeAll(async () => {
  log = await LookupLog.of(batches);
});

const answer = async (purl: string, have?: number) =>
  unwrap(await answerLookup(log.view(), purl, have === undefined ? {} : { have }));
const headAt = () => ({ size: log.log.size, root: log.log.root() });
const mapHead = () => ({ size: log.log.size, mapRoot: log.packages.root() });
const check = (bundle: LookupBundle, purl: string) => checkLookup(bundle, purl, mapHead());
const codeOf = (result: ReturnType<typeof check>) => (result.ok ? 'ok' : result.error.code);

/** What a light log makes of an honest answer. */
async function provenBy(of: LookupLog, purl: string): Promise<Result<ProvenLookup>> {
  const bundle = unwrap(await answerLookup(of.view(), purl));
  const findings = checkLookup(bundle, purl, { size: of.log.size, mapRoot: of.packages.root() });
  return findings.ok ? ok({ ...findings.value, records: bundle.records, evidence: {} }) : findings;
}

describe('an honest answer', () => {
  it('gives every version its record and the complete list, in the order of the log', async () => {
    const bundle = await answer(CLSX);
    const { events, event } = unwrap(check(bundle, CLSX));
    expect(events.map(({ version }) => version)).toEqual(['2.0.0', '2.1.1', '2.1.0']);
    expect(event).toMatchObject({ index: 7, version: '2.1.1' });
    expect(bundle.records).toEqual([{ index: 7, bytes: unwrap(await log.log.entry(7)) }]);
  });

  it('proves that a version of a known package, and a package, are not in the log', async () => {
    for (const purl of ['pkg:npm/clsx@9.9.9', 'pkg:npm/unknown@1.0.0', 'pkg:npm/unknown']) {
      const bundle = await answer(purl);
      expect(bundle.records).toEqual([]);
      expect(unwrap(check(bundle, purl)).event).toBeUndefined();
    }
    expect(unwrap(check(await answer('pkg:npm/clsx@9.9.9'), 'pkg:npm/clsx@9.9.9')).events).toHaveLength(3);
  });

  it('proves absence in a log that knows no package at all', async () => {
    const empty = await LookupLog.of([]);
    const bundle = unwrap(await answerLookup(empty.view(), CLSX));
    const mapRoot = empty.packages.root();
    expect(unwrap(checkLookup(bundle, CLSX, { size: 2, mapRoot }))).toEqual({ events: [] });
  });

  it('gives the records of all versions where none is named, the one logged last first', async () => {
    const purl = 'pkg:npm/clsx';
    const bundle = await answer(purl);
    expect(unwrap(check(bundle, purl)).event).toMatchObject({ index: 9, version: '2.1.0' });
    expect(bundle.records.map(({ index }) => index)).toEqual([9, 7, 2]);
  });

  it('leaves out the records of old versions that do not fit, and lists them all the same', async () => {
    const many = Array.from({ length: 400 }, (_, n) => `pkg:npm/many@1.0.${n}`);
    const of = await LookupLog.of([many]);
    const bundle = unwrap(await answerLookup(of.view(), 'pkg:npm/many'));
    const { events } = unwrap(
      checkLookup(bundle, 'pkg:npm/many', { size: of.log.size, mapRoot: of.packages.root() }),
    );
    expect(events).toHaveLength(400);
    expect(bundle.records.length).toBeLessThan(400);
    expect(bundle.records[0]?.index).toBe(401);
    expect(encodeLookup(bundle).length).toBeLessThan(MAX_LOOKUP_BYTES);
    const versions = await versionsByLookup({ lookup: async (purl) => await provenBy(of, purl) }, 'many');
    expect(versions.map(({ record }) => record.purl)).toEqual(many.toReversed());
  });

  it('leads from the checkpoint to the state record that carries the root of the map', async () => {
    const { head } = await answer(CLSX);
    if (head === undefined) throw new Error('a first answer has a head');
    const state = unwrap(checkLookupHead(head, headAt()));
    expect(state.mapRoot).toEqual(log.packages.root());
    expect(head.checkpoint).toEqual(log.checkpoint());
  });

  it('leaves out the head for who has it, and connects it with the one the asker has', async () => {
    expect((await answer(CLSX, log.log.size)).head).toBeUndefined();
    expect((await answer(CLSX, log.log.size + 5)).head?.consistency).toBeUndefined();
    const { head } = await answer(CLSX, 5);
    const whole = unwrap(await answerLookup(log.view(), CLSX, { from: 5 }));
    expect(whole.head).toEqual(head);
    const before = unwrap(await log.log.rootAt(5));
    const { size, root } = headAt();
    expect(verifyConsistency(5, size, before, root, head?.consistency ?? []).ok).toBe(true);
  });

  it('comes out of its bytes as it went in', async () => {
    for (const [purl, have] of [[CLSX], [CLSX, 5], [CLSX, log.log.size], ['pkg:npm/unknown']] as const) {
      const bundle = await answer(purl, have);
      expect(decodeLookup(encodeLookup(bundle))).toEqual({ ok: true, value: bundle });
    }
  });

  it('is refused to what is no canonical package URL', async () => {
    const refused = await answerLookup(log.view(), 'pkg:npm/CLSX@x');
    expect(refused.ok ? 'ok' : refused.error.code).toBe('E_PACKAGE_VERSION');
  });
});

describe('a dishonest answer', () => {
  it.each<[string, (bundle: LookupBundle) => LookupBundle, string]>([
    ['a list without its last event', (b) => ({ ...b, events: b.events.slice(0, -1) }), 'E_TRIE_PROOF'],
    ['a list without its first event', (b) => ({ ...b, events: b.events.slice(1) }), 'E_TRIE_PROOF'],
    ['a list in another order', (b) => ({ ...b, events: b.events.toReversed() }), 'E_LOOKUP'],
    ['no list', (b) => ({ ...b, events: [] }), 'E_TRIE_PROOF'],
    [
      'another version',
      (b) => ({ ...b, events: b.events.map((e) => ({ ...e, version: '1.0.0' })) }),
      'E_TRIE_PROOF',
    ],
    [
      'an event beyond the log',
      (b) => ({ ...b, events: b.events.map((e) => ({ ...e, index: e.index + 99 })) }),
      'E_LOOKUP',
    ],
    ['no record', (b) => ({ ...b, records: [] }), 'E_LOOKUP'],
    ['its record twice', (b) => ({ ...b, records: [...b.records, ...b.records] }), 'E_LOOKUP'],
    [
      'a record under another number',
      (b) => ({ ...b, records: b.records.map((one) => ({ ...one, index: 9 })) }),
      'E_LOOKUP',
    ],
    ['no path', (b) => ({ ...b, steps: [] }), 'E_TRIE_PROOF'],
  ])('with %s is refused', async (_, change, code) => {
    expect(codeOf(check(change(await answer(CLSX)), CLSX))).toBe(code);
  });

  it('with the record of another version is refused', async () => {
    const { records } = await answer('pkg:npm/clsx@2.1.0');
    const bundle = await answer(CLSX);
    expect(codeOf(check({ ...bundle, records }, CLSX))).toBe('E_LOOKUP');
  });

  it('about another package is refused, present or absent', async () => {
    for (const other of ['pkg:npm/zod@4.0.0', 'pkg:npm/unknown@1.0.0'])
      expect(check(await answer(other), CLSX).ok).toBe(false);
    expect(check(await answer(CLSX), 'pkg:npm/unknown@1.0.0').ok).toBe(false);
  });

  it('that hides a package behind its own leaf is refused', async () => {
    const bundle = await answer(CLSX);
    const leaf = {
      key: log.packages.prove({ type: 'npm', name: 'clsx' }).leaf?.key ?? new Uint8Array(),
      value: log.packages.prove({ type: 'npm', name: 'clsx' }).leaf?.value ?? new Uint8Array(),
    };
    const hiding = { ...bundle, records: [], events: [], leaf };
    expect(check(hiding, CLSX)).toMatchObject({
      ok: false,
      error: { code: 'E_LOOKUP', fields: { reason: 'it leaves out the events of the package' } },
    });
    expect(codeOf(check({ ...bundle, leaf }, CLSX))).toBe('E_LOOKUP');
  });

  it('of a log in which a version was added twice is refused', async () => {
    const twice = await LookupLog.of([[CLSX], [CLSX]]);
    const bundle = unwrap(await answerLookup(twice.view(), CLSX));
    const checked = checkLookup(bundle, CLSX, { size: twice.log.size, mapRoot: twice.packages.root() });
    expect(checked.ok ? 'ok' : checked.error.message).toContain('added twice');
  });

  it('with a head that is not the end of the tree is refused', async () => {
    const { head } = await answer(CLSX);
    if (head === undefined) throw new Error('a first answer has a head');
    const { size, root } = headAt();
    const earlier = { size: 5, root: unwrap(await log.log.rootAt(5)) };
    expect(checkLookupHead(head, earlier).ok).toBe(false);
    expect(checkLookupHead({ ...head, edge: head.edge.slice(1) }, { size, root }).ok).toBe(false);
    const notState = {
      state: unwrap(await log.log.entry(size - 2)),
      edge: unwrap(await log.log.inclusionProof(size - 2, size)),
    };
    expect(checkLookupHead(notState, { size, root }).ok).toBe(false);
  });

  it('whose tree ends with anything but a state record of its size is refused', async () => {
    const cut = await LookupLog.of([[CLSX]]);
    await cut.log.append([unwrap(await cut.log.entry(2))]);
    const bundle = unwrap(await answerLookup(cut.view(), CLSX));
    const checked = bundle.head && checkLookupHead(bundle.head, { size: cut.log.size, root: cut.log.root() });
    expect(checked?.ok === false && checked.error.message).toContain('artifact-add');
    const repeated = await LookupLog.of([[CLSX]]);
    await repeated.log.append([unwrap(await repeated.log.entry(3))]);
    const again = unwrap(await answerLookup(repeated.view(), CLSX));
    const size = repeated.log.size;
    expect(again.head && checkLookupHead(again.head, { size, root: repeated.log.root() }).ok).toBe(false);
  });

  it('with any bit of it changed is refused', async () => {
    for (const purl of [CLSX, 'pkg:npm/unknown@1.0.0', 'pkg:npm/clsx@9.9.9']) {
      const bytes = encodeLookup(await answer(purl, log.log.size));
      expect(check(unwrap(decodeLookup(bytes)), purl).ok).toBe(true);
      for (let bit = 0; bit < bytes.length * 8; bit += 3) {
        const changed = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
        const decoded = decodeLookup(changed);
        const checked =
          decoded.ok && decoded.value.size === log.log.size ? check(decoded.value, purl) : undefined;
        expect(checked?.ok ?? false, `bit ${bit} of ${purl}`).toBe(false);
      }
    }
  });

  it('of any bytes never makes the decoder throw', async () => {
    const honest = encodeLookup(await answer(CLSX, 5));
    fc.assert(
      fc.property(mutatedBytes(fc.constant(honest)), (bytes) => {
        const decoded = decodeLookup(bytes);
        if (decoded.ok) check(decoded.value, CLSX);
      }),
      { numRuns: 300 },
    );
  });
});
