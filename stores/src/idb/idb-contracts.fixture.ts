import { onTestFinished } from 'vitest';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { logStoreContract } from '@assay/core/log/log-store.contract.ts';
import { anchorStoreContract } from '@assay/core/node/anchor-store.contract.ts';
import { artifactStoreContract } from '@assay/core/swarm/block-store.contract.ts';
import { durableStoreContract } from '../artifact-store.contract.ts';
import { deleteStoreDatabase, openStoreDatabase, type StoreDatabase } from './database.ts';
import { IdbAnchorStore } from './idb-anchor-store.ts';
import { IdbArtifactStore } from './idb-artifact-store.ts';
import { IdbLogStore } from './idb-log-store.ts';

let opened = 0;

/** A new database that is deleted when the test has ended, and a way to open it again beside the first. */
export async function temporaryDatabase(): Promise<{
  database: StoreDatabase;
  reopen: () => Promise<StoreDatabase>;
}> {
  const networkId = sha256(utf8(`network ${opened++}`));
  onTestFinished(() => deleteStoreDatabase(networkId));
  return { database: await openStoreDatabase(networkId), reopen: () => openStoreDatabase(networkId) };
}

/** The contract suites over whatever IndexedDB the platform has. */
export function idbContracts(): void {
  logStoreContract('IdbLogStore', async () => new IdbLogStore((await temporaryDatabase()).database));

  anchorStoreContract('IdbAnchorStore', async () => {
    const { database, reopen } = await temporaryDatabase();
    return {
      store: new IdbAnchorStore(database),
      reopen: async () => new IdbAnchorStore(await reopen()),
    };
  });

  artifactStoreContract('IdbArtifactStore', async (clock) => {
    const { database, reopen } = await temporaryDatabase();
    return {
      store: new IdbArtifactStore(database, { clock }),
      reopen: async () => new IdbArtifactStore(await reopen(), { clock }),
    };
  });

  durableStoreContract('IdbArtifactStore', async (options) => {
    const { database, reopen } = await temporaryDatabase();
    return {
      store: new IdbArtifactStore(database, options),
      openAgain: async () => new IdbArtifactStore(await reopen(), options),
    };
  });
}
