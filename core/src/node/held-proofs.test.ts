import { realClock } from '../clock.fixture.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { MemoryArtifactStore } from '../swarm/memory-artifact-store.ts';
import { heldProofsContract } from './held-proofs.contract.ts';
import { MemoryAnchorStore } from './stores.ts';

heldProofsContract(
  'memory',
  () => {
    const stores = {
      log: new MemoryLogStore(),
      artifacts: new MemoryArtifactStore(realClock),
      anchors: new MemoryAnchorStore(),
    };
    return Promise.resolve({ stores, reopen: () => Promise.resolve(stores) });
  },
  { evicts: false },
);
