import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Libp2p } from '@libp2p/interface';
import { createClock } from '@assay/core/clock.ts';
import { startRelay, type Relay } from '../relay.ts';
import { loadRelayConfig } from '../settings/relay-config.ts';
import { network } from './authority.fixture.ts';

/** A data folder of a relay. */
export interface RelayFolder {
  readonly path: string;
  /** Starts the relay in this folder; call `stop` of what it gives. */
  start(): Promise<Relay>;
  remove(): Promise<void>;
}

/** Writes a data folder as `assay up` does, for a relay of these authorities. */
export async function relayFolder(
  authorities: readonly (Libp2p | undefined)[],
  changes: Readonly<Record<string, unknown>> = {},
): Promise<RelayFolder> {
  const path = await mkdtemp(join(tmpdir(), 'assay-relay-'));
  await writeFile(join(path, 'genesis.cbor'), network.trust.genesisBytes);
  const config = {
    genesis: 'genesis.cbor',
    http: { host: '127.0.0.1', port: 0 },
    authorities: authorities.flatMap((libp2p, index) => {
      const name = network.trust.current.authorities[index]?.name;
      return libp2p === undefined ? [] : [{ index, name, addresses: libp2p.getMultiaddrs().map(String) }];
    }),
    ...changes,
  };
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  return {
    path,
    start: async () =>
      await startRelay({
        dataDir: path,
        config: await loadRelayConfig(path),
        clock: createClock(globalThis),
        log: () => undefined,
      }),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
