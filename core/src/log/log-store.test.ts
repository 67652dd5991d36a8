import { logStoreContract } from './log-store.contract.ts';
import { MemoryLogStore } from './log-store.ts';

logStoreContract('MemoryLogStore', () => new MemoryLogStore());
