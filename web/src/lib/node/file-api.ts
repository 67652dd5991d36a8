import type { Verification } from '@assay/core/verify/types.ts';
import type { VersionSummary } from './api.ts';

/** A file the reader has given to be checked. */
export interface GivenFile extends Blob {
  readonly name: string;
}

/** The part of the node that looks at files from this device. They are read in the engine's worker, in chunks, and leave the browser never. */
export interface FileApi {
  /**
   * Finds the record of a file by its bytes, or takes that of the version named, and climbs the evidence ladder with them. Rejects with
   * `E_CONTENT_UNREADABLE` or `E_ABORTED`.
   */
  verifyFile(
    file: GivenFile,
    purl: string | undefined,
    onProgress: (progress: FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<FileCheck>;
  /** Judges an exported evidence file (`assay-evidence/1`), with the file it is about where that is at hand. Rejects when it is none of this network. */
  verifyEvidence(
    evidence: Blob,
    file: GivenFile | undefined,
    onProgress: (progress: FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification>;
  /** Versions that hold a file with this SHA-256, given in lower-case hex. */
  findDigest(sha256: string): Promise<DigestAnswer>;
}

/** How far a file has been read: `hashing` to find its record, `comparing` to check it against that. */
export interface FileProgress {
  readonly phase: 'hashing' | 'comparing';
  /** Bytes of this phase, of the file's `size`. */
  readonly done: number;
  readonly size: number;
  readonly bytesPerSecond: number;
}

export interface FileCheck {
  readonly size: number;
  readonly sha256: string;
  /** Every version that records these very bytes, the record logged last first. */
  readonly recorded: readonly VersionSummary[];
  /** Versions that record other bytes under the file's name; looked for only when `recorded` is empty. */
  readonly namesakes: readonly VersionSummary[];
  readonly verification: Verification;
}

export interface DigestAnswer {
  readonly versions: readonly VersionSummary[];
  /** Entries looked through. */
  readonly searched: number;
  /** Whether these are all entries of a checkpoint, so that what is not among them is proven to be absent. */
  readonly whole: boolean;
}
