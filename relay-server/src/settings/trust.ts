import { readFile } from 'node:fs/promises';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { AuthorityAddress } from '../network/authority-link.ts';
import type { RelayConfig } from './relay-config.ts';

/** Reads the genesis record. Throws `E_RELAY_CONFIG` when it cannot be used. */
export async function loadTrust(path: string): Promise<NetworkTrust> {
  try {
    const trust = trustFromGenesis(new Uint8Array(await readFile(path)));
    if (trust.ok) return trust.value;
    throw trust.error;
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new AssayError('E_RELAY_CONFIG', { path, reason }, cause);
  }
}

/** The configured authorities with their keys out of the genesis record. Throws `E_RELAY_CONFIG` for one it does not name. */
export function authorityAddresses(trust: NetworkTrust, { authorities }: RelayConfig): AuthorityAddress[] {
  return authorities.map(({ index, name, addresses }) => {
    const named = trust.current.authorities[index];
    if (named?.name === name) return { index, name, addresses, peerKey: named.peerKey };
    const reason = `the genesis record has no authority ${index} named ${name}`;
    throw new AssayError('E_RELAY_CONFIG', { path: 'authorities', reason });
  });
}
