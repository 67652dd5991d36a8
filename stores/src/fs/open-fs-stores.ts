import { join } from 'node:path';
import type { NodeStores } from '@assay/core/node/stores.ts';
import { FsAnchorStore } from './fs-anchor-store.ts';
import { FsArtifactStore, type FsArtifactStoreOptions } from './fs-artifact-store.ts';
import { FsLogStore } from './fs-log-store.ts';

/** Everything a node in Node remembers: `log/`, `packs/` and `anchor.cbor` in one folder. */
export interface FsStores extends NodeStores {
  readonly artifacts: FsArtifactStore;
  /** Lets go of open files. */
  close(): Promise<void>;
}

/** The stores of one network in a folder, which is made when something is first written. */
export function openFsStores(folder: string, options: FsArtifactStoreOptions): FsStores {
  const artifacts = new FsArtifactStore(join(folder, 'packs'), options);
  return {
    log: new FsLogStore(join(folder, 'log')),
    artifacts,
    anchors: new FsAnchorStore(join(folder, 'anchor.cbor')),
    close: () => artifacts.close(),
  };
}
