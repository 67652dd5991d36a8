import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { fromUtf8, utf8 } from '../encoding/bytes.ts';
import { unwrap, fail, ok, type Result } from '../errors/result.ts';
import { HASH_BYTES } from './merkle.ts';
import { MAX_ENTRY_BYTES } from './tile.ts';
import { MAX_NOTE_BYTES } from './note.ts';

/** Longest inclusion proof: sizes are safe integers, so no tree is higher than 53 levels. */
export const MAX_PROOF_HASHES = 53;

/** Most extra data: room for the entry itself. */
export const MAX_PROOF_EXTRA_BYTES = MAX_ENTRY_BYTES;

/** Largest proof file: the extra data in base64, the hash lines, the note, and the lines around them. */
const MAX_PROOF_FILE_BYTES =
  (MAX_PROOF_EXTRA_BYTES + 2) * (4 / 3) + MAX_PROOF_HASHES * 45 + MAX_NOTE_BYTES + 128;

const HEADER = 'c2sp.org/tlog-proof@v1';

/** That an entry is in a log, checkable offline with the entry, the origin and the policy (C2SP tlog-proof). */
export interface TlogProof {
  /** Number of the entry. */
  readonly index: number;
  /** Inclusion proof in the tree of the checkpoint, from the leaf's sibling up. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: Uint8Array;
  /** Data for the application; nothing vouches for it. */
  readonly extra?: Uint8Array;
}

/** Writes a `.tlog-proof` file. Throws E_TLOG_PROOF when `parseTlogProof` would refuse it. */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): Uint8Array {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
    '',
    unwrap(fromUtf8(checkpoint)),
  ];
  const bytes = utf8(lines.join('\n'));
  unwrap(parseTlogProof(bytes));
  return bytes;
}

/** Reads a `.tlog-proof` file; checks neither proof nor signatures. Fails with E_TLOG_PROOF. */
export function parseTlogProof(bytes: Uint8Array): Result<TlogProof> {
  if (bytes.length > MAX_PROOF_FILE_BYTES) return refused('too long');
  const text = fromUtf8(bytes);
  if (!text.ok) return refused('not UTF-8');
  const split = text.value.indexOf('\n\n');
  if (split === -1) return refused('no checkpoint');
  const checkpoint = utf8(text.value.slice(split + 2));
  if (checkpoint.length > MAX_NOTE_BYTES) return refused('the checkpoint is too long');

  const [header, ...lines] = text.value.slice(0, split).split('\n');
  if (header !== HEADER) return refused('another header');
  const extraText = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const [, indexText = ''] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const index = indexText === '' ? NaN : Number(indexText);
  if (!Number.isSafeInteger(index)) return refused('no index');
  if (lines.length > MAX_PROOF_HASHES) return refused(`more than ${MAX_PROOF_HASHES} hashes`);
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (!hash.ok || hash.value.length !== HASH_BYTES) return refused('a line that is not a hash');
    proof.push(hash.value);
  }
  if (extraText === undefined) return ok({ index, proof, checkpoint });
  const extra = fromBase64(extraText);
  if (!extra.ok || extra.value.length > MAX_PROOF_EXTRA_BYTES) return refused('the extra data');
  return ok({ index, proof, checkpoint, extra: extra.value });
}

function refused(reason: string): Result<never> {
  return fail('E_TLOG_PROOF', { reason });
}
