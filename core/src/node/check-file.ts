import { createSha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { throwIfAborted } from '../net/deadline.ts';
import { digestSubject, isDigestSubject } from '../verify/digest-subject.ts';
import type { Verification } from '../verify/types.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { VerifiedNode } from './verified-node.ts';

/** A file from outside the store. It is read once or twice, in chunks, and never kept. */
export interface FileUnderTest {
  readonly name: string;
  chunks(): AsyncIterable<Uint8Array>;
}

/** How far a file has been read: `hashing` to find its record, `comparing` to check it against that. */
export interface FileProgress {
  readonly phase: 'hashing' | 'comparing';
  /** Bytes read in this phase. */
  readonly done: number;
}

/** What the log has to say of a file. */
export interface FileFindings {
  readonly sha256: Uint8Array;
  /** Bytes. */
  readonly size: number;
  /** Every version that records these very bytes, the record logged last first. */
  readonly recorded: readonly CatalogueEntry[];
  /** Versions that record other bytes under the file's name; looked for only when `recorded` is empty. */
  readonly namesakes: readonly CatalogueEntry[];
  /** On the version asked for, else on the first that records the bytes, else on the absence of any such record. */
  readonly verification: Verification;
}

/** What may be said beside the file itself. */
export interface FileCheckOptions {
  /** The version that the file is said to be; found by the file's SHA-256 when absent. */
  readonly purl?: string;
  readonly onProgress?: (progress: FileProgress) => void;
  readonly signal?: AbortSignal;
}

/** Is this file what the log records? Rejects with `E_CONTENT_UNREADABLE` or `E_ABORTED`; everything else is in the verification. */
export async function checkFile(
  node: VerifiedNode,
  file: FileUnderTest,
  { purl, onProgress, signal }: FileCheckOptions = {},
): Promise<FileFindings> {
  const hashed = watchedChunks(() => file.chunks(), 'hashing', onProgress, signal);
  const { sha256, size } = await digestOf(hashed);
  const recorded = node.catalogue.byDigest(sha256);
  const subject = purl ?? recorded[0]?.record.purl ?? digestSubject(sha256);
  const chunks = () => watchedChunks(() => file.chunks(), 'comparing', onProgress, signal);
  const name = artifactName((await knownEntry(node, subject, signal))?.record, file.name, sha256);
  const verification = await node.verifyContent(subject, name, { kind: 'bytes', chunks }, signal);
  throwIfAborted(signal);
  const namesakes = recorded.length === 0 ? node.catalogue.byFileName(file.name) : [];
  return { sha256, size, recorded, namesakes, verification };
}

/** What a light node cannot learn now, the verdict says. */
async function knownEntry(
  node: VerifiedNode,
  purl: string,
  signal?: AbortSignal,
): Promise<CatalogueEntry | undefined> {
  if (isDigestSubject(purl)) return undefined;
  return await node.find(purl, signal).catch(() => undefined);
}

/** Which of the version's artifacts the file is compared with: the one of these bytes, else of this name, else the first. */
function artifactName(
  record: CatalogueEntry['record'] | undefined,
  fileName: string,
  sha256: Uint8Array,
): string {
  const artifacts = record?.artifacts ?? [];
  const artifact =
    artifacts.find((one) => equalBytes(one.sha256, sha256)) ??
    artifacts.find(({ name }) => name === fileName) ??
    artifacts[0];
  return artifact?.name ?? fileName;
}

async function digestOf(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly sha256: Uint8Array; readonly size: number }> {
  const hash = createSha256();
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest(), size };
}

/** The chunks of a file, told of as they pass; ends with `E_ABORTED` or `E_CONTENT_UNREADABLE`. */
export async function* watchedChunks(
  chunks: () => AsyncIterable<Uint8Array>,
  phase: FileProgress['phase'],
  onProgress: FileCheckOptions['onProgress'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  try {
    for await (const chunk of chunks()) {
      throwIfAborted(signal);
      yield chunk;
      done += chunk.length;
      onProgress?.({ phase, done });
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : new AssayError('E_CONTENT_UNREADABLE', {}, cause);
  }
}
