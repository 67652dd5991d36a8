import { createSha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { decodeCapability, encodeCapability, toUrn, type ReadCapability } from '../eris/capability.ts';
import { decodeStream, type GetBlock } from '../eris/decode.ts';
import { ErisEncoder } from '../eris/encode.ts';
import { packBlockCount } from '../eris/tree-shape.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { Artifact } from '../records/types.ts';
import { failed, missing, missingPart, passed, rungOf, type Finding, type Raw } from './rung.ts';
import type { ArtifactContent, Rung } from './types.ts';

type ContentRungs = readonly [bytes: Rung, blocks: Rung];
type ContentFindings = readonly [bytes: Finding, blocks: Finding];

/**
 * The two rungs that look at the file itself, in one pass over it: its SHA-256, and its ERIS tree. A file in bytes is encoded
 * and must come to the record's capability; blocks are decoded, each checked by its hash and its key.
 */
export async function checkContent(
  artifact: Artifact,
  content: ArtifactContent,
  elapsed: () => number,
): Promise<ContentRungs> {
  const watch = new ContentWatch(artifact, elapsed);
  const [bytes, blocks] = await findingsOf(watch, content);
  return [rungOf('bytes', bytes, watch.hashing), rungOf('blocks', blocks, watch.encoding)];
}

async function findingsOf(watch: ContentWatch, content: ArtifactContent): Promise<ContentFindings> {
  switch (content.kind) {
    case 'bytes':
      return await checkBytes(watch, () => content.chunks());
    case 'blocks':
      return await checkBlocks(watch, content.get);
    case 'absent':
      return [missingPart('the file'), missingPart('the file')];
  }
}

/** The artifact under test, and the time each of the two checks takes of their common pass. */
class ContentWatch {
  readonly artifact: Artifact;
  readonly capability: ReadCapability;
  readonly blockCount: number;
  readonly #digest = createSha256();
  readonly #elapsed: () => number;
  length = 0;
  hashing = 0;
  encoding = 0;

  constructor(artifact: Artifact, elapsed: () => number) {
    this.artifact = artifact;
    this.capability = unwrap(decodeCapability(artifact.eris));
    this.blockCount = packBlockCount(artifact.size, this.capability.blockSize);
    this.#elapsed = elapsed;
  }

  hash(chunk: Uint8Array): void {
    const start = this.#elapsed();
    this.length += chunk.length;
    this.#digest.update(chunk);
    this.hashing += this.#elapsed() - start;
  }

  encode<T>(work: () => T): T {
    const start = this.#elapsed();
    const done = work();
    this.encoding += this.#elapsed() - start;
    return done;
  }

  async decode<T>(work: () => Promise<T>): Promise<T> {
    const start = this.#elapsed();
    const done = await work();
    this.encoding += this.#elapsed() - start;
    return done;
  }

  /** The digest rung, once the whole file went through `hash`. */
  digestFinding(): Finding {
    const { size, sha256 } = this.artifact;
    const expected = toHex(sha256);
    const found = toHex(this.#digest.digest());
    const raw = [
      { label: 'SHA-256 in the record', value: expected },
      { label: 'SHA-256 computed here', value: found },
    ];
    if (this.length !== size)
      return failed(new AssayError('E_CONTENT_SIZE', { have: this.length, want: size }), raw);
    if (found !== expected) return failed(new AssayError('E_CONTENT_DIGEST', { found, expected }), raw);
    return passed({ size, sha256: found }, raw);
  }

  blocksPassed(raw: Raw): Finding {
    return passed({ blocks: this.blockCount, blockSize: this.capability.blockSize }, raw);
  }

  get urn(): { label: string; value: string } {
    return { label: 'Read capability in the record', value: toUrn(this.capability) };
  }
}

async function checkBytes(
  watch: ContentWatch,
  chunks: () => AsyncIterable<Uint8Array>,
): Promise<ContentFindings> {
  const { blockSize } = watch.capability;
  const encoder = new ErisEncoder({ blockSize, onBlock: () => undefined });
  try {
    for await (const chunk of chunks()) {
      watch.hash(chunk);
      // A longer file is refused before it is read to its end, however long it is.
      if (watch.length > watch.artifact.size) return tooLong(watch);
      watch.encode(() => encoder.update(chunk));
    }
  } catch (cause) {
    const unreadable = missing(
      isAssayError(cause) ? cause : new AssayError('E_CONTENT_UNREADABLE', {}, cause),
    );
    return [unreadable, unreadable];
  }
  const found = watch.encode(() => encoder.finish());
  const raw = [watch.urn, { label: 'Read capability computed here', value: toUrn(found) }];
  const blocks = equalBytes(encodeCapability(found), watch.artifact.eris)
    ? watch.blocksPassed(raw)
    : failed(new AssayError('E_CONTENT_CAPABILITY'), raw);
  return [watch.digestFinding(), blocks];
}

function tooLong(watch: ContentWatch): ContentFindings {
  const error = new AssayError('E_CONTENT_SIZE', {
    have: `more than ${watch.artifact.size}`,
    want: watch.artifact.size,
  });
  return [failed(error), failed(error, [watch.urn])];
}

async function checkBlocks(watch: ContentWatch, get: GetBlock): Promise<ContentFindings> {
  const { capability, artifact } = watch;
  try {
    const leaves = decodeStream(capability, get, { size: artifact.size, convergent: true });
    for (;;) {
      const next = await watch.decode(() => leaves.next());
      if (next.done === true) break;
      watch.hash(next.value);
    }
  } catch (error) {
    return [missingPart('the whole file'), blocksFinding(error, [watch.urn])];
  }
  return [watch.digestFinding(), watch.blocksPassed([watch.urn])];
}

/** A block that is not there, or a store that fails, proves nothing; everything else the decoder says is a mismatch. */
function blocksFinding(error: unknown, raw: Raw): Finding {
  if (!isAssayError(error)) return missing(new AssayError('E_CONTENT_UNREADABLE', {}, error), raw);
  const isMismatch = error.code.startsWith('E_ERIS_') && error.code !== 'E_ERIS_BLOCK_MISSING';
  return isMismatch ? failed(error, raw) : missing(error, raw);
}
