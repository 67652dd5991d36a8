import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { fetchBody } from '@assay/core/net/http-chunks.ts';
import {
  MAX_NETWORK_DESCRIPTION_BYTES,
  parseNetworkDescription,
  type NetworkDescription,
} from '@assay/core/net/network-description.ts';
import { makeFolderDurably, writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { programs } from '../programs.ts';
import { runToEnd } from '../up/child.ts';
import { NETWORK_FILE } from '../up/configure.ts';

const TIMEOUT_MS = 15_000;
/** All interfaces, or any port: nobody can dial that. */
const NOT_AN_ADDRESS = /\/(ip4\/0\.0\.0\.0|ip6\/::)\/|\/tcp\/0$/;
/** The candidate file that operators are given. */
export const CANDIDATE_FILE = 'candidate.txt';

export interface NewAuthority {
  readonly dataDir: string;
  readonly name: string;
  /** URL of a relay, a `network.json`, or the data folder of a network on this machine. */
  readonly network: string;
  /** Multiaddr. */
  readonly listen: string;
  /** Multiaddr under which others reach it, where that is another. */
  readonly announce?: string;
  readonly npmRegistry: string;
}

/** Makes keys and configuration of an authority that is to join a network, and its candidate file, whose path is given. */
export async function makeAuthority(options: NewAuthority, clock: Clock): Promise<string> {
  const { dataDir, name, network, listen, announce, npmRegistry } = options;
  if (announce === undefined && NOT_AN_ADDRESS.test(listen)) {
    throw new AssayError('E_AUTHORITY_ADDRESS', { listen });
  }
  const description = await describedBy(network, clock);
  await runToEnd(name, programs.authority, ['init', '--data', dataDir, '--name', name]);
  await makeFolderDurably(dataDir);
  await writeFileDurably(join(dataDir, 'genesis.cbor'), description.trust.genesisBytes);
  const peers = description.authorities.flatMap(({ name: peer, peerKey, addresses = [] }) =>
    peer === name ? [] : [{ name: peer, ...(peerKey !== undefined && { peerKey }), addresses }],
  );
  const announced = announce === undefined ? {} : { announce: [announce] };
  const config = { name, genesis: 'genesis.cbor', listen, ...announced, peers, npmRegistry };
  await writeFileDurably(join(dataDir, 'config.json'), utf8(`${JSON.stringify(config, undefined, 2)}\n`));
  return await writeCandidate(dataDir, []);
}

/** Writes the candidate file of an authority's folder anew; its path is given. */
export async function writeCandidate(dataDir: string, options: readonly string[]): Promise<string> {
  const file = await runToEnd('authority', programs.authority, ['candidate', '--data', dataDir, ...options]);
  const path = join(dataDir, CANDIDATE_FILE);
  await writeFileDurably(path, utf8(file));
  return path;
}

async function describedBy(network: string, clock: Clock): Promise<NetworkDescription> {
  if (/^https?:\/\//.test(network)) return await fetchDescription(network, clock);
  const path = await networkFile(resolve(network));
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new AssayError('E_FILE', { path, reason: cause.message }, cause);
  });
  const { relay } = (JSON.parse(text) ?? {}) as { readonly relay?: unknown };
  return typeof relay === 'string'
    ? await fetchDescription(relay, clock)
    : unwrap(parseNetworkDescription(text));
}

async function networkFile(path: string): Promise<string> {
  if (!existsSync(path)) throw new AssayError('E_NO_NETWORK', { place: path });
  return (await stat(path)).isDirectory() ? join(path, NETWORK_FILE) : path;
}

async function fetchDescription(relay: string, clock: Clock): Promise<NetworkDescription> {
  const url = relay.endsWith('.json') ? relay : `${relay.replace(/\/$/, '')}/network.json`;
  const ports = { fetch, clock, timeoutMs: TIMEOUT_MS };
  const body = await fetchBody(ports, url, {}, MAX_NETWORK_DESCRIPTION_BYTES, () => undefined);
  return unwrap(parseNetworkDescription(new TextDecoder().decode(body)));
}
