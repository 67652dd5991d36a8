import { modeChoices, type ModeChoice } from '@assay/core/node/node-mode.ts';
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** The network an origin belongs to, as it was first seen there. */
export interface PinnedNetwork {
  /** The genesis record that is believed from then on. */
  readonly genesis: Uint8Array;
  /** The newest `/network.json` with that genesis record, for when no relay answers. */
  readonly description: string;
}

/** A request that was handed in and whose end has not been seen. */
export interface OpenRequest {
  readonly id: string;
  /** As it was asked for. */
  readonly purl: string;
  /** Unix seconds. */
  readonly at: number;
}

/** The key with which requests are signed: one that cannot leave the browser, or a 32-byte seed where it has no Ed25519. */
export type RequesterKey =
  | { readonly kind: 'webcrypto'; readonly privateKey: CryptoKey; readonly publicKey: Uint8Array }
  | { readonly kind: 'seed'; readonly seed: Uint8Array };

/** What is remembered of an origin beside the stores of its network. */
export interface OriginSchema extends DBSchema {
  network: { key: string; value: PinnedNetwork };
  keys: { key: string; value: RequesterKey };
  /** By id. */
  requests: { key: string; value: OpenRequest };
  settings: { key: string; value: ModeChoice };
}

export type OriginDatabase = IDBPDatabase<OriginSchema>;

const NAME = 'assay';
/** Version 2: the tables above. Version 1 had no `settings`. */
const VERSION = 2;
/** The one row of `network`, of `keys` and of `settings`. */
const ROW = 'own';

/** Opens what this origin remembers. It lets go when another tab deletes or upgrades it. */
export async function openOriginDatabase(): Promise<OriginDatabase> {
  const database = await openDB<OriginSchema>(NAME, VERSION, {
    upgrade(changed, before) {
      if (before < 1) {
        changed.createObjectStore('network');
        changed.createObjectStore('keys');
        changed.createObjectStore('requests');
      }
      changed.createObjectStore('settings');
    },
    blocking: () => database.close(),
  });
  return database;
}

/** Forgets the network, the key and the requests of this origin. */
export function deleteOriginDatabase(): Promise<void> {
  return deleteDB(NAME);
}

/** The network this origin was first seen to belong to; undefined before that. */
export function loadPinnedNetwork(database: OriginDatabase): Promise<PinnedNetwork | undefined> {
  return database.get('network', ROW);
}

/** Pins a network where none is pinned yet, else only takes over the description. Gives what is pinned then. */
export async function pinNetwork(database: OriginDatabase, seen: PinnedNetwork): Promise<PinnedNetwork> {
  const transaction = database.transaction('network', 'readwrite', { durability: 'strict' });
  const before = await transaction.store.get(ROW);
  const pinned = { ...seen, genesis: before?.genesis ?? seen.genesis };
  await Promise.all([transaction.store.put(pinned, ROW), transaction.done]);
  return pinned;
}

/** The key of this origin, or else `made`, which is kept. One key wins when two tabs make one at the same time. */
export async function keepRequesterKey(
  database: OriginDatabase,
  made?: RequesterKey,
): Promise<RequesterKey | undefined> {
  const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
  const before = await transaction.store.get(ROW);
  if (before === undefined && made !== undefined) await transaction.store.put(made, ROW);
  await transaction.done;
  return before ?? made;
}

/** How the nodes of this origin work, as somebody chose; `automatic` until then. */
export async function loadModeChoice(database: OriginDatabase): Promise<ModeChoice> {
  const stored = await database.get('settings', ROW);
  return modeChoices.find((choice) => choice === stored) ?? 'automatic';
}

/** Durable on return; nodes that are open go on as they are. */
export async function keepModeChoice(database: OriginDatabase, choice: ModeChoice): Promise<void> {
  const transaction = database.transaction('settings', 'readwrite', { durability: 'strict' });
  await Promise.all([transaction.store.put(choice, ROW), transaction.done]);
}
