import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { emptyRoot, HASH_BYTES } from './merkle.ts';

/** Longest origin line in UTF-8: newer cosignature types carry it with a length byte (C2SP tlog-cosignature). */
export const MAX_ORIGIN_BYTES = 255;

/** Most extension lines that are read. We write none; C2SP advises against them. */
export const MAX_EXTENSION_LINES = 16;

/** A tree head of one log: what the text of a checkpoint says (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log, for example `assay.example/main`. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  /** RFC 6962 root of the first `size` entries, 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, signed but without a meaning of their own. */
  readonly extensions: readonly string[];
}

/** Writes the text of a checkpoint. Throws E_CHECKPOINT when `parseCheckpointBody` would not give the same back. */
export function formatCheckpointBody(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const lines = [origin, String(size), toBase64(root), ...extensions];
  if (lines.some((line) => line.includes('\n'))) {
    throw new AssayError('E_CHECKPOINT', { reason: 'a newline inside a line' });
  }
  const body = `${lines.join('\n')}\n`;
  const written = parseCheckpointBody(body);
  if (!written.ok) throw written.error;
  return body;
}

/** Reads the text of a checkpoint. Fails with E_CHECKPOINT. */
export function parseCheckpointBody(body: string): Result<Checkpoint> {
  const [origin = '', sizeText = '', rootText = '', ...rest] = body.split('\n');
  if (rest.pop() !== '') return refused('fewer than three lines, or no newline at the end');
  if (origin === '' || utf8(origin).length > MAX_ORIGIN_BYTES)
    return refused('the origin is empty or too long');
  const size = /^(0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : NaN;
  if (!Number.isSafeInteger(size)) return refused('the size is not a plain number');
  const root = fromBase64(rootText);
  if (!root.ok || root.value.length !== HASH_BYTES) return refused('the root is not a hash');
  if (size === 0 && !equalBytes(root.value, emptyRoot)) return refused('an empty log with a root');
  if (rest.length > MAX_EXTENSION_LINES || rest.includes('')) return refused('the extension lines');
  return ok({ origin, size, root: root.value, extensions: rest });
}

function refused(reason: string): Result<never> {
  return fail('E_CHECKPOINT', { reason });
}
