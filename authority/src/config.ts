import { resolve, join } from 'node:path';
import { arrayOf, int, optional, shape, text, type ReadBy } from '@assay/core/encoding/cbor-shape.ts';
import { MAX_AUTHORITIES, MAX_AUTHORITY_NAME_BYTES } from '@assay/core/records/limits.ts';
import { defaultLimits, type AuthorityLimits } from './limits.ts';
import { readJson } from './json-file.ts';

const FILE = 'config.json';
const MAX_PATH_BYTES = 4096;
const MAX_ADDRESS_BYTES = 512;
const MAX_ADDRESSES = 16;

const count = optional(int({ min: 1 }));
const readLimits = shape({
  requesterBurst: count,
  requesterPerMinute: count,
  totalBurst: count,
  totalPerMinute: count,
  queuedJobs: count,
  parallelFetches: count,
  graceMs: optional(int({ min: 0 })),
  answerTimeoutMs: count,
  retryDelayMs: count,
});

const addresses = arrayOf(text({ maxBytes: MAX_ADDRESS_BYTES }), { max: MAX_ADDRESSES });

const readConfig = shape({
  name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
  genesis: text({ maxBytes: MAX_PATH_BYTES }),
  listen: text({ maxBytes: MAX_ADDRESS_BYTES }),
  /** Where others reach this authority, if that is not where it listens. */
  announce: optional(addresses),
  /** Authorities and where they are reached; those that joined later are found in the log. */
  peers: arrayOf(
    shape({
      name: text({ maxBytes: MAX_AUTHORITY_NAME_BYTES }),
      /** Key of its libp2p identity in hex; left out for authorities of the genesis record, which names it. */
      peerKey: optional(text({ maxBytes: 64, pattern: /^[0-9a-f]{64}$/ })),
      addresses,
    }),
    { max: MAX_AUTHORITIES },
  ),
  npmRegistry: text({ maxBytes: MAX_PATH_BYTES, pattern: /^https?:\/\// }),
  limits: optional(readLimits),
});

/** How one authority of a network is set up. */
export type AuthorityConfig = Omit<ReadBy<typeof readConfig>, 'limits'> & {
  readonly limits: AuthorityLimits;
};

/** Reads `config.json` of a data folder; `genesis` may be relative to it. Throws `E_AUTHORITY_CONFIG`. */
export async function loadConfig(dataDir: string): Promise<AuthorityConfig> {
  const { limits, ...config } = await readJson(join(dataDir, FILE), readConfig);
  return {
    ...config,
    genesis: resolve(dataDir, config.genesis),
    limits: { ...defaultLimits, ...limits },
  };
}
