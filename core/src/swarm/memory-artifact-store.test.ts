import { artifactStoreContract } from './block-store.contract.ts';
import { MemoryArtifactStore } from './memory-artifact-store.ts';

artifactStoreContract('memory', (clock) => {
  const store = new MemoryArtifactStore(clock);
  return Promise.resolve({ store, reopen: () => Promise.resolve(store) });
});
