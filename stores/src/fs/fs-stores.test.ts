import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { logStoreContract } from '@assay/core/log/log-store.contract.ts';
import { anchorStoreContract } from '@assay/core/node/anchor-store.contract.ts';
import { realClock } from '@assay/core/clock.fixture.ts';
import { heldProofsContract } from '@assay/core/node/held-proofs.contract.ts';
import { artifactStoreContract } from '@assay/core/swarm/block-store.contract.ts';
import { durableStoreContract } from '../artifact-store.contract.ts';
import { FsAnchorStore } from './fs-anchor-store.ts';
import { openArtifacts } from './closed-after-test.fixture.ts';
import { FsLogStore } from './fs-log-store.ts';
import { openFsStores } from './open-fs-stores.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

logStoreContract('FsLogStore', async () => new FsLogStore(await temporaryFolder()));

anchorStoreContract('FsAnchorStore', async () => {
  const path = join(await temporaryFolder(), 'below', 'anchor.cbor');
  return {
    store: new FsAnchorStore(path),
    reopen: () => Promise.resolve(new FsAnchorStore(path)),
  };
});

artifactStoreContract('FsArtifactStore', async (clock) => {
  const folder = join(await temporaryFolder(), 'packs');
  return {
    store: openArtifacts(folder, { clock }),
    reopen: () => Promise.resolve(openArtifacts(folder, { clock })),
  };
});

durableStoreContract('FsArtifactStore', async (options) => {
  const folder = join(await temporaryFolder(), 'packs');
  return {
    store: openArtifacts(folder, options),
    openAgain: () => Promise.resolve(openArtifacts(folder, options)),
  };
});

heldProofsContract('folders', async (quotaBytes) => {
  const folder = await temporaryFolder();
  const open = () => {
    const stores = openFsStores(folder, { clock: realClock, quotaBytes });
    onTestFinished(() => stores.close());
    return stores;
  };
  return { stores: open(), reopen: () => Promise.resolve(open()) };
});
