import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { shape, text } from '@assay/core/encoding/cbor-shape.ts';
import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import { createHttpMirror, type HttpMirror } from '@assay/core/net/http-mirror.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { lockFolder, type FolderLock } from '@assay/stores/fs/folder-lock.ts';
import { openFsStores } from '@assay/stores/fs/open-fs-stores.ts';
import { textOption, type CommandContext } from './command.ts';
import { pinnedTrust } from './pinned-trust.ts';
import { openNetwork } from './up/found-network.ts';
import { NETWORK_FILE } from './up/configure.ts';

/** Where `assay up` keeps its network unless told otherwise. */
export const DEFAULT_DATA = '.assay';
const HTTP_TIMEOUT_MS = 15_000;
const LOCK_RETRY_MS = 200;

/** A network and a relay to ask. */
export interface NetworkPlace {
  readonly trust: NetworkTrust;
  readonly relay: HttpMirror;
  readonly relayUrl: string;
  /** Folder of this client's own log, packs, anchor and key. */
  readonly folder: string;
}

/** A network as the command line uses it: with a node of its own that believes nobody. */
export interface Client extends NetworkPlace {
  /** Its `trust` knows every epoch that the log was followed through; `trust` here, what is pinned. */
  readonly node: VerifiedNode;
  /** The files of its log, where bundles of attestations are kept, too. */
  readonly logFiles: LogStore;
  close(): Promise<void>;
}

/** The network that `--relay URL` or `--data DIR` names, for commands that need no node. Rejects with `E_NO_NETWORK`. */
export async function findNetwork({ options, clock }: CommandContext): Promise<NetworkPlace> {
  const place = await placeOf(options['relay'], textOption(options, 'data') ?? DEFAULT_DATA, clock);
  const relay = createHttpMirror({ baseUrl: place.relayUrl, fetch, clock, timeoutMs: HTTP_TIMEOUT_MS });
  return { ...place, relay };
}

/**
 * Opens the network that `--relay URL` or `--data DIR` names, once no other command uses its folder. Rejects with `E_NO_NETWORK`
 * and `E_ABORTED`.
 */
export async function openClient(context: CommandContext): Promise<Client> {
  const place = await findNetwork(context);
  const lock = await lockPatiently(place.folder, context);
  try {
    const { close, ...client } = await openPlace(place, context);
    const closeAll = async (): Promise<void> => {
      await close();
      lock.release();
    };
    return { ...client, close: closeAll };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Another command that is still at work is waited for: two writers would ruin each other's files. */
export async function lockPatiently(
  folder: string,
  { clock, output, signal }: Pick<CommandContext, 'clock' | 'output' | 'signal'>,
): Promise<FolderLock> {
  for (let tries = 0; ; tries++) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!isAssayError(error) || error.code !== 'E_FOLDER_IN_USE') throw error;
      if (tries === 0)
        output.progress({ event: 'waiting', folder }, 'waiting for another assay command to end');
      await clock.sleep(LOCK_RETRY_MS, signal);
      throwIfAborted(signal);
    }
  }
}

async function openPlace(place: NetworkPlace, context: CommandContext): Promise<Client> {
  const { clock, output, options } = context;
  const stores = openFsStores(place.folder, { clock });
  const { relay } = place;
  const urls = textOption(options, 'mirrors')?.split(',') ?? [];
  const mirrors = urls.map((baseUrl) => {
    if (!URL.canParse(baseUrl))
      throw new AssayError('E_USAGE', { problem: `${baseUrl} is no address of a mirror` });
    return createHttpMirror({ baseUrl, fetch, clock, timeoutMs: HTTP_TIMEOUT_MS });
  });
  const node = await VerifiedNode.open({
    mode: options['light'] === true ? 'light' : 'full',
    trust: place.trust,
    stores,
    clock,
    verifySignature: (...args) => Promise.resolve(verifyEd25519Node(...args)),
    logSources: () => [relay, ...mirrors],
    finder: { find: async (_root, onSource) => onSource(relay) },
    onSyncProgress: ({ have, target }) =>
      output.progress({ event: 'sync', have, target }, `syncing the log: ${have} of ${target} entries`),
  });
  return { ...place, node, logFiles: stores.log, close: () => stores.close() };
}

async function placeOf(
  relay: string | boolean | undefined,
  data: string,
  clock: Clock,
): Promise<Omit<NetworkPlace, 'relay'>> {
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
