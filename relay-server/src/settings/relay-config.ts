import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { arrayOf, int, optional, shape, text, type ReadBy } from '@assay/core/encoding/cbor-shape.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { MAX_AUTHORITIES, MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';

const FILE = 'config.json';
const MAX_PATH_BYTES = 4096;
const MAX_ADDRESS_BYTES = 512;
const MAX_ADDRESSES = 16;

const path = text({ maxBytes: MAX_PATH_BYTES });
const host = text({ maxBytes: 64, pattern: /^[0-9a-fA-F.:]+$/ });
/** 0 means any free port, which is then kept. */
const port = int({ min: 0, max: 65_535 });
const addresses = arrayOf(text({ maxBytes: MAX_ADDRESS_BYTES }), { max: MAX_ADDRESSES });

const readConfig = shape({
  /** The genesis record. */
  genesis: path,
  /** Folder of the built web app; without it the relay serves no pages. */
  web: optional(path),
  http: shape({ host, port }),
  /** Where libp2p and STUN listen; on loopback unless told otherwise. */
  listen: optional(
    shape({
      host: optional(host),
      ws: optional(port),
      tcp: optional(port),
      webrtcDirect: optional(port),
      stun: optional(port),
    }),
  ),
  authorities: arrayOf(
    shape({
      index: int({ min: 0, max: MAX_AUTHORITIES - 1 }),
      name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
      addresses,
    }),
    { max: MAX_AUTHORITIES },
  ),
  /** Host names, besides those of the machine itself, under which the relay is addressed. */
  names: optional(arrayOf(text({ maxBytes: 253, pattern: /^[a-z0-9.-]+$/ }), { max: MAX_ADDRESSES })),
  /** Other mirrors that pages may use, as origins. */
  mirrors: optional(
    arrayOf(text({ maxBytes: MAX_ADDRESS_BYTES, pattern: /^https?:\/\/[^/\s;,']+$/ }), {
      max: MAX_ADDRESSES,
    }),
  ),
  /** Multiaddrs to announce instead of those listened on. */
  announce: optional(addresses),
  /** STUN servers to name instead of the own one, as `stun:host:port`. */
  stun: optional(arrayOf(text({ maxBytes: 300, pattern: /^stuns?:[^\s]+$/ }), { max: MAX_ADDRESSES })),
  /** Most bytes of packs to keep; those used least lately go first. */
  quotaBytes: optional(int({ min: 0 })),
});

/** How a relay is set up: `config.json` in its data folder, paths made absolute. */
export type RelayConfig = ReadBy<typeof readConfig>;

/** Reads and checks `config.json`. Throws `E_RELAY_CONFIG`; a field it does not know is an error, not a surprise. */
export async function loadRelayConfig(dataDir: string): Promise<RelayConfig> {
  const file = join(dataDir, FILE);
  const refuse = (reason: string, cause: unknown): AssayError =>
    new AssayError('E_RELAY_CONFIG', { path: file, reason: reason.replace(/\.$/, '') }, cause);
  let json: CborValue;
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as CborValue;
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const read = readConfig(json, '$');
  if (!read.ok) throw refuse(read.error.message, read.error);
  const { genesis, web, ...config } = read.value;
  return {
    ...config,
    genesis: resolve(dataDir, genesis),
    ...(web !== undefined && { web: resolve(dataDir, web) }),
  };
}
