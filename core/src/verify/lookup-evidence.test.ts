import { beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { unwrap } from '../errors/result.ts';
import { answerLookup } from '../lookup/answer.ts';
import { LookupLog, sampleRecord } from '../lookup/lookup.fixture.ts';
import { makeNetwork, makeProposal, makeTransaction } from '../records/network.fixture.ts';
import { checkAdd } from '../records/check-transaction.ts';
import { bytesContent, clsx, failsOf, fileOf, SIGNED_AT, statesOf } from './evidence.fixture.ts';
import { formatEvidenceFile, parseEvidenceFile } from './evidence-file.ts';
import { ports } from './ports.fixture.ts';
import { rungSentence, verdictSentence } from './sentences.ts';
import type { Evidence, LookupEvidence } from './types.ts';
import { verify } from './verify.ts';

const ABSENT = 'pkg:npm/clsx@9.9.9';
const UNKNOWN = 'pkg:npm/unknown@1.0.0';

let log: LookupLog;
let agreement: Uint8Array;

beforeAll(async () => {
  const network = makeNetwork();
  log = await LookupLog.of([['pkg:npm/a@1.0.0', 'pkg:npm/clsx@2.0.0']], network);
  const transaction = makeTransaction(network, makeProposal(clsx.purl, clsx.file), [0, 1, 2]);
  const { trust } = network;
  const { records, evidence } = unwrap(checkAdd(transaction, { trust, set: trust.current }, verifyEd25519));
  agreement = evidence;
  await log.add(records);
  await log.add([sampleRecord('pkg:npm/b@1.0.0')]);
});

/** What a light client has after one lookup. */
async function evidenceOf(purl: string, of = log): Promise<Evidence & { readonly lookup: LookupEvidence }> {
  const {
    head,
    steps,
    leaf,
    events,
    records: [record],
  } = unwrap(await answerLookup(of.view(), purl));
  if (head === undefined) throw new Error('a first answer has a head');
  const { checkpoint, state, edge } = head;
  return {
    trust: of.network.trust,
    purl,
    checkpoint,
    lookup: { state, edge, steps, events, ...(leaf && { leaf }) },
    ...(record && { entry: record, agreement }),
  };
}

const withFile = (evidence: Evidence): Evidence => ({
  ...evidence,
  artifact: fileOf(bytesContent(clsx.file)),
});
const now = { ...ports, now: () => SIGNED_AT + 12 };
const plain = (sentence: string) => sentence.replaceAll('\u2009', ' ');

describe('evidence with a lookup', () => {
  it('is verified, every rung, and says that the map of packages proves it', async () => {
    const verification = await verify(withFile(await evidenceOf(clsx.purl)), now);
    expect(verification.verdict).toBe('verified');
    expect(statesOf(verification, 'pass')).toHaveLength(7);
    expect(verification.index).toBe(5);
    const inclusion = verification.rungs.find(({ id }) => id === 'inclusion');
    expect(plain(inclusion ? rungSentence(inclusion) : '')).toBe(
      'Proven by the map of packages: 3 hashes lead from the complete list of 2 records of this package to the root of 9 entries',
    );
    for (const { raw } of verification.rungs)
      expect(new Set(raw.map(({ label }) => label)).size).toBe(raw.length);
  });

  it('shows that a version, and a package, are not in the log', async () => {
    const version = await verify(await evidenceOf(ABSENT), now);
    expect(version.verdict).toBe('not-in-log');
    expect(plain(verdictSentence(version))).toBe(
      `None of the 9 entries that 4 of 4 authorities signed 12 seconds ago records ${ABSENT}. ` +
        'Proven by the map of packages, which has 2 other records of this package.',
    );
    const unknown = await verify(await evidenceOf(UNKNOWN), now);
    expect(unknown.verdict).toBe('not-in-log');
    expect(plain(verdictSentence(unknown))).toContain('which has no version of this package.');
  });

  it('shows nothing of a package as such, nor of a file', async () => {
    const unknown = await evidenceOf('pkg:npm/unknown');
    expect((await verify(unknown, now)).verdict).toBe('could-not-check');
    const digest = { ...unknown, purl: `sha256:${'0'.repeat(64)}` };
    expect((await verify(digest, now)).verdict).not.toBe('not-in-log');
  });

  it('is no absence under a checkpoint that no quorum signed', async () => {
    const evidence = await evidenceOf(UNKNOWN);
    const checkpoint = log.checkpoint({ cosigners: [0, 1] });
    expect((await verify({ ...evidence, checkpoint }, now)).verdict).toBe('mismatch');
  });

  it.each<[string, string, (evidence: Evidence & { readonly lookup: LookupEvidence }) => Evidence]>([
    [
      'a truncated list',
      clsx.purl,
      (e) => ({ ...e, lookup: { ...e.lookup, events: e.lookup.events.slice(0, 1) } }),
    ],
    ['an emptied list', ABSENT, (e) => ({ ...e, lookup: { ...e.lookup, events: [] } })],
    ['no record though there is one', clsx.purl, ({ entry: _entry, ...e }) => e],
    ['the record of another version', clsx.purl, (e) => ({ ...e, purl: 'pkg:npm/clsx@2.0.0' })],
    [
      'a record under another number',
      clsx.purl,
      (e) => ({ ...e, entry: { index: 4, bytes: e.entry?.bytes ?? new Uint8Array() } }),
    ],
    [
      'a changed state record',
      clsx.purl,
      (e) => ({ ...e, lookup: { ...e.lookup, state: e.lookup.state.with(30, 0) } }),
    ],
    ['a shorter edge', UNKNOWN, (e) => ({ ...e, lookup: { ...e.lookup, edge: e.lookup.edge.slice(1) } })],
    ['a shorter path', UNKNOWN, (e) => ({ ...e, lookup: { ...e.lookup, steps: e.lookup.steps.slice(1) } })],
    ['the absence of another package', UNKNOWN, (e) => ({ ...e, purl: 'pkg:npm/a@2.0.0' })],
  ])('with %s is a mismatch', async (_, purl, change) => {
    const verification = await verify(withFile(change(await evidenceOf(purl))), now);
    expect(verification.verdict).toBe('mismatch');
    expect(failsOf(verification).some((fail) => fail.startsWith('inclusion'))).toBe(true);
  });

  it('of an older log is refused by whoever has seen a newer one that does not continue it', async () => {
    const evidence = await evidenceOf(clsx.purl);
    const consistency = unwrap(await log.log.consistencyProof(5, 9));
    const root = unwrap(await log.log.rootAt(5));
    expect(
      (await verify(withFile({ ...evidence, previous: { size: 5, root, consistency } }), now)).verdict,
    ).toBe('verified');
    const other = { size: 20, root, consistency };
    expect((await verify(withFile({ ...evidence, previous: other }), now)).verdict).toBe('mismatch');
  });

  it.each([clsx.purl, ABSENT, UNKNOWN])('comes out of its file with the same verdict: %s', async (purl) => {
    const evidence = await evidenceOf(purl);
    const parsed = unwrap(parseEvidenceFile(formatEvidenceFile(evidence, { exportedAt: SIGNED_AT })));
    expect(parsed).toEqual(evidence);
    const verdict = (await verify(withFile(evidence), now)).verdict;
    expect((await verify(withFile(parsed), now)).verdict).toBe(verdict);
  });

  it('in a file is refused with a depth, an event or a hash that cannot be', async () => {
    const json = formatEvidenceFile(await evidenceOf(clsx.purl), { exportedAt: 0 });
    for (const [from, to] of [
      [/"depth": \d+/, '"depth": 256'],
      [/"artifact-add"/, '"artifact-yank"'],
      [/"version": "2/, '"version": "\\n2'],
      [/"edge": \[/, '"edge": [""," x",'],
    ] as const) {
      expect(json).toMatch(from);
      expect(parseEvidenceFile(json.replace(from, to)).ok).toBe(false);
    }
  });
});
