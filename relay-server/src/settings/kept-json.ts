import { readFile } from 'node:fs/promises';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import type { Reader } from '@assay/core/encoding/cbor-shape.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { isMissing } from '@assay/stores/fs/read-file.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';

/** Reads a JSON file that the relay wrote earlier; undefined when there is none. Throws `E_RELAY_CONFIG` for a damaged one. */
export async function readKeptJson<T>(path: string, reader: Reader<T>): Promise<T | undefined> {
  try {
    const read = reader(JSON.parse(await readFile(path, 'utf8')) as CborValue, '$');
    if (read.ok) return read.value;
    throw read.error;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new AssayError('E_RELAY_CONFIG', { path, reason }, cause);
  }
}

/** Writes a JSON file durably, readable by its owner only where `secret`. */
export async function keepJson(
  path: string,
  value: unknown,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  await writeFileDurably(
    path,
    utf8(`${JSON.stringify(value, undefined, 2)}\n`),
    secret ? OWNER_ONLY : undefined,
  );
}

const OWNER_ONLY = 0o600;
