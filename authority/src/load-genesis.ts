import { readFile } from 'node:fs/promises';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';

/** Reads the genesis record that an authority is configured with. Throws `E_AUTHORITY_CONFIG`, or what is wrong with the record. */
export async function loadGenesis(path: string): Promise<NetworkTrust> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new AssayError('E_AUTHORITY_CONFIG', { file: path, reason: cause.message }, cause);
  });
  return unwrap(trustFromGenesis(new Uint8Array(bytes)));
}
