import { anchorStoreContract } from './anchor-store.contract.ts';
import { MemoryAnchorStore } from './stores.ts';

anchorStoreContract('memory', () => {
  const store = new MemoryAnchorStore();
  return Promise.resolve({ store, reopen: () => Promise.resolve(store) });
});
