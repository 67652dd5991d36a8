import type { NodeStores } from '@assay/core/node/stores.ts';
import { storing } from '../store-error.ts';
import { openStoreDatabase } from './database.ts';
import { IdbAnchorStore } from './idb-anchor-store.ts';
import { IdbArtifactStore, type IdbArtifactStoreOptions } from './idb-artifact-store.ts';
import { IdbLogStore } from './idb-log-store.ts';

/** Everything a node in a browser remembers, in one IndexedDB database. */
export interface IdbStores extends NodeStores {
  readonly log: IdbLogStore;
  /** Closes the database. */
  close(): void;
}

/** Opens the stores of the network with this id (32 bytes). `deleteStoreDatabase` deletes them. */
export function openIdbStores(networkId: Uint8Array, options: IdbArtifactStoreOptions): Promise<IdbStores> {
  return storing(async () => {
    const database = await openStoreDatabase(networkId);
    return {
      log: new IdbLogStore(database),
      artifacts: new IdbArtifactStore(database, options),
      anchors: new IdbAnchorStore(database),
      close: () => database.close(),
    };
  });
}
