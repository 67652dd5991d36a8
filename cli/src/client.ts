import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { shape, text } from '@assay/core/encoding/cbor-shape.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { createHttpMirror, type HttpMirror } from '@assay/core/net/http-mirror.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { openFsStores } from '@assay/stores/fs/open-fs-stores.ts';
import { textOption, type CommandContext } from './command.ts';
import { pinnedTrust } from './pinned-trust.ts';
import { openNetwork } from './up/found-network.ts';
import { NETWORK_FILE } from './up/configure.ts';

/** Where `assay up` keeps its network unless told otherwise. */
export const DEFAULT_DATA = '.assay';
const HTTP_TIMEOUT_MS = 15_000;

/** A network as the command line uses it: a node of its own that believes nobody, and a relay to ask. */
export interface Client {
  readonly trust: NetworkTrust;
  readonly relay: HttpMirror;
  readonly relayUrl: string;
  /** Folder of this client's own log, packs, anchor and key. */
  readonly folder: string;
  readonly node: VerifiedNode;
  close(): Promise<void>;
}

/** Opens the network that `--relay URL` or `--data DIR` names. Rejects with `E_NO_NETWORK`. */
export async function openClient({ options, clock, output }: CommandContext): Promise<Client> {
  const place = await placeOf(options['relay'], textOption(options, 'data') ?? DEFAULT_DATA, clock);
  await mkdir(place.folder, { recursive: true });
  const stores = openFsStores(place.folder, { clock });
  const relay = createHttpMirror({ baseUrl: place.relayUrl, fetch, clock, timeoutMs: HTTP_TIMEOUT_MS });
  const node = await VerifiedNode.open({
    trust: place.trust,
    stores,
    clock,
    verifySignature: (...args) => Promise.resolve(verifyEd25519Node(...args)),
    logSources: () => [relay],
    finder: { find: async (_root, onSource) => onSource(relay) },
    onSyncProgress: ({ have, target }) =>
      output.progress({ event: 'sync', have, target }, `syncing the log: ${have} of ${target} entries`),
  });
  return { ...place, relay, node, close: () => stores.close() };
}

interface Place {
  readonly trust: NetworkTrust;
  readonly relayUrl: string;
  readonly folder: string;
}

async function placeOf(relay: string | boolean | undefined, data: string, clock: Clock): Promise<Place> {
  if (typeof relay === 'string') {
    const home = join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'assay');
    const trust = await pinnedTrust(relay, home, clock);
    return { trust, relayUrl: relay, folder: join(home, 'networks', toHex(trust.networkId)) };
  }
  const dataDir = resolve(data);
  const trust = await openNetwork(dataDir);
  if (trust === undefined) throw new AssayError('E_NO_NETWORK', { place: dataDir });
  return { trust, relayUrl: await relayOf(dataDir), folder: join(dataDir, 'client') };
}

const readNetworkFile = shape({
  networkId: text({ maxBytes: 64 }),
  origin: text({ maxBytes: 256 }),
  relay: text({ maxBytes: 512 }),
});

async function relayOf(dataDir: string): Promise<string> {
  const path = join(dataDir, NETWORK_FILE);
  const json = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AssayError('E_NO_NETWORK', { place: dataDir }, cause);
  });
  try {
    return unwrap(readNetworkFile(JSON.parse(json) as CborValue, '$')).relay;
  } catch (cause) {
    throw new AssayError('E_FILE', { path, reason: 'it is not what assay up writes' }, cause);
  }
}
