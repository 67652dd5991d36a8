import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import {
  arrayOf,
  literal,
  mapOf,
  shape,
  text,
  variant,
  type ReadBy,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import type { ErrorFields } from '../errors/assay-error.ts';
import { ok, unwrap } from '../errors/result.ts';
import { integrityDigest } from '../records/artifact-add.ts';
import { MAX_ARTIFACTS } from '../records/limits.ts';
import { proposalDigest, type ProposedAdd } from '../records/proposal.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';
import type { AuthoritySet } from '../records/authority-set.ts';
import type { NetworkTrust } from '../records/types.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';
const TEST_RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1';
const NPM_MIRROR_BUILD_TYPE = 'urn:assay:build-type:npm-mirror:v1';

/** Name of the subject whose digest is that of the whole proposal; it is the last subject of a mirror statement. */
const RECORD_SUBJECT = 'record';

/** Longest upstream address. */
export const MAX_UPSTREAM_BYTES = 2048;
/** Longest builder id: prefix, network id in hex, an epoch of up to 16 digits and an authority name of up to 32 bytes. */
const MAX_BUILDER_ID_BYTES = 160;
/** Longest subject name: a purl, or a file name, which is shorter. */
const MAX_SUBJECT_NAME_BYTES = MAX_PURL_LENGTH;
/** Bounds on the error inside a failure, those of errors on the wire. */
const MAX_ERROR_FIELDS = 16;
const MAX_ERROR_TEXT = 512;
/** UTF-8 takes at most three bytes for a UTF-16 unit. */
const MAX_ERROR_TEXT_BYTES = 3 * MAX_ERROR_TEXT;

const hexDigest = (bytes: number) =>
  text({ maxBytes: 2 * bytes, pattern: new RegExp(`^[0-9a-f]{${2 * bytes}}$`) });
const dateTime = text({ maxBytes: 20, pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ });
const builderReader = text({ maxBytes: MAX_BUILDER_ID_BYTES });
const errorCode = text({ maxBytes: MAX_ERROR_TEXT, pattern: /^E_[A-Z0-9_]+$/ });
const errorField: Reader<string | number> = (value, path) =>
  typeof value === 'number' ? ok(value) : text({ maxBytes: MAX_ERROR_TEXT_BYTES })(value, path);

const subject = shape({
  name: text({ maxBytes: MAX_SUBJECT_NAME_BYTES }),
  digest: shape({ sha256: hexDigest(32) }),
});

const readMirror = shape({
  _type: literal(STATEMENT_TYPE),
  subject: arrayOf(subject, { min: 2, max: MAX_ARTIFACTS + 1 }),
  predicateType: literal(PROVENANCE_TYPE),
  predicate: shape({
    buildDefinition: shape({
      buildType: literal(NPM_MIRROR_BUILD_TYPE),
      externalParameters: shape({ purl: text({ maxBytes: MAX_PURL_LENGTH }) }),
      resolvedDependencies: arrayOf(
        shape({ uri: text({ maxBytes: MAX_UPSTREAM_BYTES }), digest: shape({ sha512: hexDigest(64) }) }),
        { min: 1, max: 1 },
      ),
    }),
    runDetails: shape({
      builder: shape({ id: builderReader }),
      metadata: shape({ startedOn: dateTime, finishedOn: dateTime }),
    }),
  }),
});

const readFailure = shape({
  _type: literal(STATEMENT_TYPE),
  subject: arrayOf(subject, { min: 1, max: 1 }),
  predicateType: literal(TEST_RESULT_TYPE),
  predicate: shape({
    result: literal('FAILED'),
    configuration: arrayOf(shape({ name: literal('builder'), uri: builderReader }), { min: 1, max: 1 }),
    failedTests: arrayOf(errorCode, { min: 1, max: 1 }),
    fields: mapOf(errorField, { max: MAX_ERROR_FIELDS }),
    finishedOn: dateTime,
  }),
});

/** An authority's statement that it fetched a package version itself and what it got: SLSA provenance v1. */
export type MirrorStatement = ReadBy<typeof readMirror>;
/** An authority's statement that it could not get a package version, and why: in-toto test result v0.1. */
export type FailureStatement = ReadBy<typeof readFailure>;
/** Every statement of this network; in-toto Statement v1, told apart by `predicateType`. */
export type Statement = MirrorStatement | FailureStatement;

/** Reads a statement; unknown fields are refused. */
export const readStatement: Reader<Statement> = variant('predicateType', {
  [PROVENANCE_TYPE]: readMirror,
  [TEST_RESULT_TYPE]: readFailure,
});

/** Who an authority is in its statements. Network id and epoch in it keep a statement from counting in another network or time. */
export function builderId(
  { networkId }: Pick<NetworkTrust, 'networkId'>,
  { authorities, epoch }: AuthoritySet,
  authority: number,
): string {
  return `urn:assay:builder:${toHex(networkId)}:${epoch}:${authorities[authority]?.name ?? ''}`;
}

/**
 * What an authority of the newest epoch signs when its own download succeeded. `upstream` is the address the bytes came from; times are unix
 * seconds.
 */
export function mirrorAttestation(run: {
  readonly trust: NetworkTrust;
  /** Index in the authority set. */
  readonly authority: number;
  readonly proposal: ProposedAdd;
  readonly upstream: string;
  readonly startedOn: number;
  readonly finishedOn: number;
}): MirrorStatement {
  const { proposal } = run;
  const integrity = unwrap(integrityDigest(proposal.provenance.source.integrity));
  return {
    _type: STATEMENT_TYPE,
    subject: [
      ...proposal.artifacts.map((artifact) => subjectOf(artifact.name, artifact.sha256)),
      subjectOf(RECORD_SUBJECT, proposalDigest(proposal)),
    ],
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: NPM_MIRROR_BUILD_TYPE,
        externalParameters: { purl: proposal.purl },
        resolvedDependencies: [{ uri: run.upstream, digest: { sha512: toHex(integrity) } }],
      },
      runDetails: {
        builder: { id: builderId(run.trust, run.trust.current, run.authority) },
        metadata: { startedOn: isoTime(run.startedOn), finishedOn: isoTime(run.finishedOn) },
      },
    },
  };
}

/** What an authority of the newest epoch signs when its own download failed. `at` is in unix seconds. */
export function failureAttestation(run: {
  readonly trust: NetworkTrust;
  /** Index in the authority set. */
  readonly authority: number;
  readonly purl: string;
  readonly error: { readonly code: string; readonly fields: ErrorFields };
  readonly at: number;
}): FailureStatement {
  return {
    _type: STATEMENT_TYPE,
    subject: [subjectOf(run.purl, sha256(utf8(run.purl)))],
    predicateType: TEST_RESULT_TYPE,
    predicate: {
      result: 'FAILED',
      configuration: [{ name: 'builder', uri: builderId(run.trust, run.trust.current, run.authority) }],
      failedTests: [run.error.code],
      fields: boundedFields(run.error.fields),
      finishedOn: isoTime(run.at),
    },
  };
}

/** JSON of a statement holds no fractions, and an error's texts are cut where the wire would cut them. */
function boundedFields(fields: ErrorFields): Record<string, string | number> {
  const entries = Object.entries(fields).slice(0, MAX_ERROR_FIELDS);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      Number.isSafeInteger(value) ? value : String(value).slice(0, MAX_ERROR_TEXT).toWellFormed(),
    ]),
  );
}

function subjectOf(name: string, digest: Uint8Array) {
  return { name, digest: { sha256: toHex(digest) } };
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
