import type { Verification } from '@assay/core/verify/types.ts';
import type { VersionView } from '../lib/node/api.ts';
import type { DigestAnswer, FileCheck, FileProgress, GivenFile } from '../lib/node/file-api.ts';
import { fakeHex } from './fixtures.ts';
import { verificationFixture } from './verifications.ts';

/** What a test may decide about files given to the fake node. */
export interface FakeFileOptions {
  /** The `package.json` inside every tarball. */
  readonly packageJson?: unknown;
  /** The outcome of `verifyFile`; by default a file whose name begins with `changed` or is unknown has other bytes than any record. */
  readonly verifyFile?: (file: GivenFile, view: VersionView | undefined) => Verification;
  /** Progress of every check, in order; it ends with the last unless `fileEnds` is false. */
  readonly fileSteps?: readonly FileProgress[];
  readonly fileEnds?: boolean;
  /** The outcome of `verifyEvidence`. */
  readonly verifyEvidence?: (file: GivenFile | undefined) => Verification;
}

const absent = verificationFixture(undefined, {
  verdict: 'not-in-log',
  missing: ['bytes', 'blocks', 'record', 'inclusion', 'agreement'],
});

/** Takes a file for what its name says: `clsx-2.1.1.tgz` is clsx 2.1.1, `changed-clsx-2.1.1.tgz` is that with other bytes. */
export function fakeFileCheck(
  file: GivenFile,
  purl: string | undefined,
  versions: readonly VersionView[],
  { verifyFile }: FakeFileOptions,
): FileCheck {
  const originalName = file.name.replace(/^changed-/, '');
  const namesake = versions.find(({ artifacts }) => artifacts[0]?.name === originalName);
  const original = file.name === originalName ? namesake : undefined;
  const asked = purl === undefined ? original : versions.find(({ summary }) => summary.purl === purl);
  const honest = (): Verification =>
    asked === undefined
      ? { ...absent, purl: purl ?? `sha256:${fakeHex(9)}` }
      : verificationFixture(asked, asked === original ? {} : { failed: ['bytes', 'blocks'] });
  return {
    size: file.size,
    sha256: original?.artifacts[0]?.sha256 ?? fakeHex(9),
    recorded: original === undefined ? [] : [original.summary],
    namesakes: original === undefined && namesake !== undefined ? [namesake.summary] : [],
    verification: verifyFile?.(file, asked) ?? honest(),
  };
}

/** Verified with a file, open without one. */
export function fakeEvidenceCheck(
  file: GivenFile | undefined,
  versions: readonly VersionView[],
  { verifyEvidence }: FakeFileOptions,
): Verification {
  const honest = verificationFixture(versions[0], file === undefined ? { missing: ['bytes', 'blocks'] } : {});
  return verifyEvidence?.(file) ?? honest;
}

export function fakeDigestAnswer(
  sha256: string,
  versions: readonly VersionView[],
  searched: number,
  whole: boolean,
): DigestAnswer {
  const found = versions.filter(({ artifacts }) => artifacts.some((artifact) => artifact.sha256 === sha256));
  return { versions: found.map(({ summary }) => summary), searched, whole };
}
