import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { fromBase64 } from '@assay/core/encoding/base64.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { fetchBody } from '@assay/core/net/http-chunks.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { makeFolderDurably, writeFileDurably } from '@assay/stores/fs/durable-file.ts';

const TIMEOUT_MS = 15_000;
/** A genesis record of 100 authorities in base64 stays below 64 KiB; the rest of the document is short. */
const MAX_DOCUMENT_BYTES = 256 * 1024;

/**
 * The network behind a relay. Its genesis record is believed at first sight and pinned in `home`; a relay that names another one
 * later is refused with `E_GENESIS_CHANGED`. A relay that cannot be reached is no obstacle once it is pinned.
 */
export async function pinnedTrust(relayUrl: string, home: string, clock: Clock): Promise<NetworkTrust> {
  const folder = join(home, 'relays', fileName(relayUrl));
  const pinned = await readPin(join(folder, 'genesis.cbor'));
  let named: NetworkTrust;
  try {
    named = unwrap(trustFromGenesis(await askGenesis(relayUrl, clock)));
  } catch (error) {
    if (pinned !== undefined && isAssayError(error)) return pinned;
    throw new AssayError('E_NO_NETWORK', { place: relayUrl }, error);
  }
  if (pinned === undefined) {
    await makeFolderDurably(folder);
    await writeFileDurably(join(folder, 'genesis.cbor'), named.genesisBytes);
    return named;
  }
  if (equalBytes(pinned.networkId, named.networkId)) return pinned;
  throw new AssayError('E_GENESIS_CHANGED', {
    relay: relayUrl,
    pinned: toHex(pinned.networkId),
    found: toHex(named.networkId),
  });
}

async function readPin(path: string): Promise<NetworkTrust | undefined> {
  try {
    return unwrap(trustFromGenesis(new Uint8Array(await readFile(path))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function askGenesis(relayUrl: string, clock: Clock): Promise<Uint8Array> {
  const url = `${relayUrl.replace(/\/$/, '')}/network.json`;
  const body = await fetchBody(
    { fetch, clock, timeoutMs: TIMEOUT_MS },
    url,
    {},
    MAX_DOCUMENT_BYTES,
    (response) => {
      if (!response.ok) throw new AssayError('E_NOT_FOUND', { what: 'network.json' });
    },
  );
  try {
    const { genesis } = JSON.parse(new TextDecoder().decode(body)) as { genesis?: unknown };
    return unwrap(fromBase64(String(genesis)));
  } catch (cause) {
    throw new AssayError('E_PROTOCOL', { reason: 'network.json names no genesis record' }, cause);
  }
}

function fileName(relayUrl: string): string {
  return new URL(relayUrl).host.replaceAll(/[^\w.-]/g, '_');
}
