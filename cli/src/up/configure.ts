import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { makeFolderDurably, writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { programs } from '../programs.ts';
import { authorityFolder, GENESIS_FILE } from './found-network.ts';
import { freeTcpPort, LOOPBACK } from './ports.ts';

export const RELAY_FOLDER = 'relay';
export const NETWORK_FILE = 'network.json';

/** What the processes of a local network are told besides the genesis record. */
export interface LocalNetwork {
  readonly dataDir: string;
  readonly trust: NetworkTrust;
  /** Port of the web app and the HTTP mirror. */
  readonly port: number;
  /** URL of the npm registry that the authorities fetch from. */
  readonly npmRegistry: string;
}

/**
 * Writes `config.json` of every process. Ports of the authorities stay what they were as long as they are free, so that a
 * second start finds the same addresses.
 */
export async function configure({ dataDir, trust, port, npmRegistry }: LocalNetwork): Promise<void> {
  const { authorities } = trust.current;
  const ports: number[] = [];
  for (const [index] of authorities.entries()) {
    ports.push(await freeTcpPort(await portOfLastRun(authorityFolder(dataDir, index))));
  }
  const addresses = ports.map((listen) => [`/ip4/${LOOPBACK}/tcp/${listen}`]);
  for (const [index, { name }] of authorities.entries()) {
    const folder = authorityFolder(dataDir, index);
    await writeJson(folder, 'config.json', {
      name,
      genesis: relative(folder, join(dataDir, GENESIS_FILE)),
      listen: `/ip4/${LOOPBACK}/tcp/${ports[index] ?? 0}`,
      peers: authorities.map((peer, at) => ({ name: peer.name, addresses: addresses[at] ?? [] })),
      npmRegistry,
    });
  }
  const relayFolder = join(dataDir, RELAY_FOLDER);
  await writeJson(relayFolder, 'config.json', {
    genesis: relative(relayFolder, join(dataDir, GENESIS_FILE)),
    web: programs.web,
    http: { host: LOOPBACK, port },
    authorities: authorities.map(({ name }, index) => ({ index, name, addresses: addresses[index] ?? [] })),
  });
  await writeJson(dataDir, NETWORK_FILE, {
    networkId: toHex(trust.networkId),
    origin: trust.genesis.origin,
    relay: `http://${LOOPBACK}:${port}`,
  });
}

async function portOfLastRun(folder: string): Promise<number | undefined> {
  try {
    const { listen } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { listen: string };
    return Number(listen.split('/').at(-1)) || undefined;
  } catch {
    return undefined;
  }
}

async function writeJson(folder: string, file: string, value: object): Promise<void> {
  await makeFolderDurably(folder);
  await writeFileDurably(join(folder, file), utf8(`${JSON.stringify(value, undefined, 2)}\n`));
}
