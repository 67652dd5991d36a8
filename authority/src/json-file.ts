import { readFile } from 'node:fs/promises';
import type { Reader } from '@assay/core/encoding/cbor-shape.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';

/** Reads a JSON file of this authority. Throws `E_AUTHORITY_CONFIG` with what is wrong when it cannot be used. */
export async function readJson<T>(path: string, reader: Reader<T>): Promise<T> {
  let json: CborValue;
  try {
    json = JSON.parse(await readFile(path, 'utf8')) as CborValue;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError('E_AUTHORITY_CONFIG', { file: path, reason }, cause);
  }
  const read = reader(json, '$');
  if (read.ok) return read.value;
  const reason = read.error.message.replace(/\.$/, '');
  throw new AssayError('E_AUTHORITY_CONFIG', { file: path, reason }, read.error);
}
