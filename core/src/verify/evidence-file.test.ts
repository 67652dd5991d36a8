import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../errors/result.ts';
import { makeNetwork } from '../records/network.fixture.ts';
import { formatEvidenceFile, MAX_EVIDENCE_FILE_BYTES, parseEvidenceFile } from './evidence-file.ts';
import {
  bytesContent,
  fileOf,
  SIGNED_AT,
  someFile,
  statesOf,
  threePackages,
  type TestLog,
} from './evidence.fixture.ts';
import { ports } from './ports.fixture.ts';
import type { Evidence } from './types.ts';
import { verify } from './verify.ts';

/** Small, because it is encoded anew for each changed copy: three blocks of 1 KiB. */
const file = someFile('small', 1500);

let log: TestLog;
let evidence: Evidence;
let json: string;

beforeAll(async () => {
  const made = await threePackages(file);
  ({ log } = made);
  // Exactly a quorum signs: then no byte of the checkpoint can change without consequence.
  const checkpoint = log.checkpoint({ cosigners: [0, 2, 3] });
  evidence = { ...made.evidence, checkpoint, previous: await log.previous(5) };
  json = formatEvidenceFile(evidence, { exportedAt: SIGNED_AT });
});

function withFile(parsed: Evidence): Evidence {
  return { ...parsed, artifact: fileOf(bytesContent(file)) };
}

describe('an evidence file', () => {
  it('gives back the evidence it was written from, and leads to the same verdict', async () => {
    const parsed = unwrap(parseEvidenceFile(json));
    expect(parsed).toEqual({ ...evidence, artifact: fileOf({ kind: 'absent' }) });
    expect((await verify(withFile(parsed), ports)).verdict).toBe('verified');
  });

  it('without the file under test leaves bytes and blocks unchecked', async () => {
    const verification = await verify(unwrap(parseEvidenceFile(json)), ports);
    expect(verification.verdict).toBe('could-not-check');
    expect(statesOf(verification, 'missing')).toEqual(['bytes', 'blocks']);
  });

  it('carries conflicts, and holds no absence', async () => {
    const conflict = { checkpoint: log.checkpoint({ time: 5 }), root: log.log.root(), consistency: [] };
    const absence = { size: 8, root: log.log.root() };
    const partial: Evidence = {
      trust: evidence.trust,
      purl: 'pkg:npm/x@1.0.0',
      absence,
      conflicts: [conflict],
    };
    const parsed = unwrap(parseEvidenceFile(formatEvidenceFile(partial, { exportedAt: 0 })));
    expect(parsed.conflicts).toEqual([conflict]);
    expect(parsed.absence).toBeUndefined();
    expect((await verify(parsed, ports)).verdict).toBe('could-not-check');
  });

  it('is refused against another network than the reader’s', () => {
    expect(parseEvidenceFile(json, evidence.trust).ok).toBe(true);
    const other = parseEvidenceFile(json, makeNetwork(4, { created: 1 }).trust);
    expect(other.ok ? undefined : other.error.code).toBe('E_EVIDENCE_NETWORK');
  });

  it.each<[string, (file: Record<string, unknown>) => void, string]>([
    ['another format', (file) => (file['format'] = 'assay-evidence/2'), 'E_SHAPE_TYPE'],
    ['an unknown field', (file) => (file['extra'] = 1), 'E_SHAPE_UNKNOWN_FIELD'],
    ['no network', (file) => delete file['network'], 'E_SHAPE_MISSING_FIELD'],
    [
      'a network id that is not its genesis’',
      (file) => (file['network'] = { ...(file['network'] as object), id: '00' }),
      'E_EVIDENCE_FILE',
    ],
    ['base64 with spare bits', (file) => (file['agreement'] = 'QUJDRB=='), 'E_BASE64'],
    [
      'a proof without end',
      (file) => (file['inclusion'] = Array.from({ length: 200 }, () => '')),
      'E_SHAPE_RANGE',
    ],
    ['a purl that fakes a line', (file) => (file['purl'] = 'x\nVerified: y'), 'E_SHAPE_RANGE'],
    ['a file name that clears the screen', (file) => (file['artifact'] = '\u001B[2J'), 'E_SHAPE_RANGE'],
    ['a fraction', (file) => (file['exportedAt'] = 1.5), 'E_JSON'],
  ])('with %s is refused as a whole, with the reason', (_, change, code) => {
    const file = JSON.parse(json) as Record<string, unknown>;
    change(file);
    const parsed = parseEvidenceFile(JSON.stringify(file));
    const error = parsed.ok ? undefined : parsed.error;
    expect(error?.code).toBe('E_EVIDENCE_FILE');
    expect(error?.cause ?? error).toMatchObject({ code });
  });

  it('is refused above its size limit before it is parsed', () => {
    const parsed = parseEvidenceFile(' '.repeat(MAX_EVIDENCE_FILE_BYTES + 1));
    expect(parsed.ok ? undefined : parsed.error.code).toBe('E_EVIDENCE_FILE');
  });

  it('is no bigger than it need be', () => {
    expect(json.length).toBeLessThan(16_000);
  });
});

describe('changed evidence', { timeout: 60_000 }, () => {
  it('in any character of the file never leads to verified where it matters, and never throws', async () => {
    const edit = fc.record({
      kind: fc.constantFrom('exchange', 'exchange', 'drop', 'insert', 'cut'),
      at: fc.nat(1_000_000),
      char: fc.constantFrom(...'ABCxyz0123456789+/="\\,:{}[]\n—'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const parsed = parseEvidenceFile(edits.reduce(applyEdit, json));
        if (!parsed.ok) return;
        const tested = withFile(parsed.value);
        const verification = await verify(tested, ports);
        // The file's name is the tester's own here, whatever the changed copy says.
        const { artifact } = tested;
        if (verification.verdict === 'verified')
          expect({ ...parsed.value, artifact }).toEqual({ ...evidence, artifact });
      }),
      { numRuns: 400 },
    );
  });

  it('in any bit of any part is never verified', async () => {
    const parts = [
      'entry',
      'inclusion',
      'checkpoint',
      'previous root',
      'previous proof',
      'agreement',
      'genesis',
      'file',
    ] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(1_000_000), fc.nat(7), async (part, at, bit) => {
        const changed = flipIn(evidence, part, at, bit);
        const verification = await verify(changed, ports);
        expect(verification.verdict, part).not.toMatch(/^verified/);
      }),
      { numRuns: 400 },
    );
  });
});

function applyEdit(text: string, { kind, at, char }: { kind: string; at: number; char: string }): string {
  const position = text.length === 0 ? 0 : at % text.length;
  const [before, after] = [text.slice(0, position), text.slice(position)];
  if (kind === 'exchange') return before + char + after.slice(1);
  if (kind === 'insert') return before + char + after;
  return kind === 'drop' ? before + after.slice(1) : before;
}

/** The evidence with one bit of one of its parts flipped. */
function flipIn(original: Evidence, part: string, at: number, bit: number): Evidence {
  const flip = (bytes: Uint8Array = new Uint8Array(1)) =>
    bytes.with(at % bytes.length, (bytes[at % bytes.length] ?? 0) ^ (1 << bit));
  const flipOne = (hashes: readonly Uint8Array[]) =>
    hashes.map((hash, index) => (index === at % hashes.length ? flip(hash) : hash));
  const { entry, inclusion = [], previous, trust } = original;
  if (entry === undefined || previous === undefined) throw new Error('The evidence is whole.');
  switch (part) {
    case 'entry':
      return { ...original, entry: { ...entry, bytes: flip(entry.bytes) } };
    case 'inclusion':
      return { ...original, inclusion: flipOne(inclusion) };
    case 'checkpoint':
      return { ...original, checkpoint: flip(original.checkpoint) };
    case 'previous root':
      return { ...original, previous: { ...previous, root: flip(previous.root) } };
    case 'previous proof':
      return { ...original, previous: { ...previous, consistency: flipOne(previous.consistency) } };
    case 'agreement':
      return { ...original, agreement: flip(original.agreement) };
    case 'genesis':
      return { ...original, trust: { ...trust, genesisBytes: flip(trust.genesisBytes) } };
    default:
      return { ...original, artifact: fileOf(bytesContent(flip(file))) };
  }
}
