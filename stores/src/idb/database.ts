import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { PackDescription } from '@assay/core/swarm/block-store.ts';

/** A pack in the `packs` table. */
export interface PackRow extends PackDescription {
  /** Bitmap of the stored blocks, from the least bit of byte 0. Kept after the pack is complete. */
  readonly present: Uint8Array;
  readonly complete: boolean;
  readonly pinned: boolean;
  readonly lastUsed: number;
}

/** The tables of one network. Packs are named by the lower-case hex of their root reference. */
export interface StoreSchema extends DBSchema {
  /** Log files by path. */
  log: { key: string; value: Uint8Array };
  /** The one anchor, in CBOR. */
  anchors: { key: string; value: Uint8Array };
  packs: { key: string; value: PackRow };
  /** Neighbouring blocks by pack and group number; a block that is not present is zeros or cut off. */
  groups: { key: [pack: string, group: number]; value: Uint8Array };
  /** References of all blocks of a complete pack, in pack order, concatenated. */
  references: { key: string; value: Uint8Array };
}

export type StoreDatabase = IDBPDatabase<StoreSchema>;

/** Version 1: the tables above. */
const VERSION = 1;

/** The database of a network. */
export function databaseName(networkId: Uint8Array): string {
  return `assay-${toHex(networkId)}`;
}

/** Opens the database of a network, made anew where there is none. It lets go when another tab deletes or upgrades it. */
export async function openStoreDatabase(networkId: Uint8Array): Promise<StoreDatabase> {
  const database = await openDB<StoreSchema>(databaseName(networkId), VERSION, {
    upgrade(created) {
      for (const table of ['log', 'anchors', 'packs', 'groups', 'references'] as const) {
        created.createObjectStore(table);
      }
    },
    blocking: () => database.close(),
  });
  return database;
}

/** Deletes everything stored for a network. Open connections in other tabs let go by themselves. */
export function deleteStoreDatabase(networkId: Uint8Array): Promise<void> {
  return deleteDB(databaseName(networkId));
}
