import { onTestFinished } from 'vitest';
import { realClock } from '@assay/core/clock.fixture.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { logStoreContract } from '@assay/core/log/log-store.contract.ts';
import { anchorStoreContract } from '@assay/core/node/anchor-store.contract.ts';
import { heldProofsContract } from '@assay/core/node/held-proofs.contract.ts';
import { artifactStoreContract } from '@assay/core/swarm/block-store.contract.ts';
import { durableStoreContract } from '../artifact-store.contract.ts';
import { deleteStoreDatabase, openStoreDatabase, type StoreDatabase } from './database.ts';
import { IdbAnchorStore } from './idb-anchor-store.ts';
import { IdbArtifactStore } from './idb-artifact-store.ts';
import { IdbLogStore } from './idb-log-store.ts';
import { shareStores } from './shared-stores.ts';

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

  heldProofsContract('IndexedDB, shared by all tabs', async (quotaBytes) => {
    const { database, reopen } = await temporaryDatabase();
    const open = (opened: StoreDatabase) => {
      const log = new IdbLogStore(opened);
      const artifacts = new IdbArtifactStore(opened, { clock: realClock, quotaBytes });
      return { log, artifacts, anchors: new IdbAnchorStore(opened) };
    };
    // The leading tab writes the anchor; what it fetches, another tab may have to show.
    const leading = shareStores(open(database));
    leading.startWriting();
    return { stores: leading, reopen: async () => shareStores(open(await reopen())) };
  });
}
