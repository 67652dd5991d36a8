import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { openFsStores } from '@assay/stores/fs/open-fs-stores.ts';
import type { PassingStores } from './surroundings.ts';
import { tasksAt, type Tasks } from './tasks.ts';

const clock = createClock(globalThis);

/** The tasks in this process, over files in a temporary folder, as the command line works. */
export function tasksInNode(url: string): Tasks {
  return tasksAt({
    url,
    clock,
    verifySignature: async (...signature) => verifyEd25519Node(...signature),
    freshStores,
  });
}

async function freshStores(): Promise<PassingStores> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  const stores = openFsStores(folder, { clock });
  return {
    ...stores,
    async dispose() {
      await stores.close();
      await rm(folder, { recursive: true });
    },
  };
}
