import { onTestFinished } from 'vitest';
import { FsArtifactStore, type FsArtifactStoreOptions } from './fs-artifact-store.ts';

/** An artifact store in a folder that lets go of its files when the test has ended. */
export function openArtifacts(folder: string, options: FsArtifactStoreOptions): FsArtifactStore {
  const store = new FsArtifactStore(folder, options);
  onTestFinished(() => store.close());
  return store;
}
