import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { BuilderOutcome, Rung, RungId, VerdictWord, Verification } from '@assay/core/verify/types.ts';
import type { VersionView } from '../lib/node/api.ts';
import { authorityNames, fakeDigest, fakeHex, fixtureNow } from './fixtures.ts';

const rungIds: readonly RungId[] = [
  'bytes',
  'blocks',
  'record',
  'inclusion',
  'quorum',
  'history',
  'agreement',
];

/** Particulars as the verifier would give them. */
const rungFields: Readonly<Record<RungId, Record<string, string | number>>> = {
  bytes: { name: 'hashes-2.3.0.tgz', size: 731_204 },
  blocks: { blocks: 23, blockSize: 32_768 },
  record: { index: 10_233, purl: 'pkg:npm/%40noble/hashes@2.3.0', artifacts: 1 },
  inclusion: { hashes: 14, size: 12_480 },
  quorum: { signed: 4, total: 4, need: 3, age: 12, size: 12_480 },
  history: { previous: 12_466, size: 12_480 },
  agreement: { agreed: 4, total: 4, dissented: '', failed: '' },
};

/** What the verifier says of a rung that failed. */
const rungErrors: Readonly<Record<RungId, AssayError>> = {
  bytes: new AssayError('E_CONTENT_DIGEST', { found: fakeHex(1), expected: fakeHex(2) }),
  blocks: new AssayError('E_CONTENT_CAPABILITY'),
  record: new AssayError('E_RECORD_OTHER_PACKAGE', {
    index: 10_233,
    recorded: 'pkg:npm/clsx@2.1.1',
    purl: 'pkg:npm/%40noble/hashes@2.3.0',
  }),
  inclusion: new AssayError('E_INCLUSION', { index: 10_233, size: 12_480 }),
  quorum: new AssayError('E_QUORUM', { have: 2, need: 3 }),
  history: new AssayError('E_CONSISTENCY', { size1: 12_466, size2: 12_480 }),
  agreement: new AssayError('E_AGREEMENT_QUORUM', { agreed: 2, total: 4, need: 3 }),
};

/** What the verifier says when a rung's evidence is not there. */
const missingParts: Readonly<Record<RungId, string>> = {
  bytes: 'the file',
  blocks: 'the file',
  record: 'the record',
  inclusion: 'the proof of inclusion',
  quorum: 'a checkpoint',
  history: 'a proof of consistency',
  agreement: 'the attestations',
};

/** How a fixture verification differs from the best one. */
export interface VerificationSeed {
  readonly verdict?: VerdictWord;
  /** Rungs that failed, with what the verifier says. */
  readonly failed?: readonly RungId[];
  readonly missing?: readonly RungId[];
  readonly builders?: readonly BuilderOutcome[];
}

/** A verification of a version in whatever state a test needs. */
export function verificationFixture(
  view: VersionView | undefined,
  seed: VerificationSeed = {},
): Verification {
  const failed = seed.failed ?? [];
  const missing = seed.missing ?? [];
  const rungs = rungIds.map((id): Rung => {
    const base = { id, ms: 0.1 + id.length / 5, raw: rawFixture(id) };
    if (failed.includes(id)) {
      return { ...base, state: 'fail', fields: rungErrors[id].fields, error: rungErrors[id] };
    }
    if (missing.includes(id)) {
      const error = new AssayError('E_EVIDENCE_MISSING', { part: missingParts[id] });
      return { ...base, state: 'missing', fields: error.fields, error, raw: [] };
    }
    const { index, purl } = view?.summary ?? {};
    const fields =
      id === 'record' && index !== undefined && purl !== undefined
        ? { index, purl, artifacts: 1 }
        : rungFields[id];
    return { ...base, state: 'pass', fields };
  });
  return {
    verdict: seed.verdict ?? verdictOf(failed, missing),
    purl: view?.summary.purl ?? 'pkg:npm/is-odd@3.0.1',
    rungs,
    checkpoint: {
      size: 12_480,
      root: fakeDigest(5),
      freshAsOf: fixtureNow - 12,
      cosigners: authorityNames.map((name) => ({ name, time: fixtureNow - 12 })),
    },
    ms: 19.2,
    ...(view === undefined
      ? {}
      : {
          record: view.record,
          index: view.summary.index,
          builders: seed.builders ?? authorityNames.map((name) => ({ name, outcome: 'agreed' })),
        }),
  };
}

function verdictOf(failed: readonly RungId[], missing: readonly RungId[]): VerdictWord {
  if (failed.length > 0) return 'mismatch';
  return missing.length > 0 ? 'could-not-check' : 'verified';
}

function rawFixture(id: RungId): Rung['raw'] {
  if (id === 'inclusion') {
    return Array.from({ length: 14 }, (_, level) => ({
      label: `Sibling at level ${level}`,
      value: fakeHex(level),
    }));
  }
  return [
    { label: 'Expected', value: fakeHex(id.length) },
    { label: 'Computed here', value: fakeHex(id.length) },
  ];
}
