// The module worker in which the benches of a browser run, as the app's engine does.
import { createClock } from '@assay/core/clock.ts';
import { createWebCryptoVerifier } from '@assay/core/crypto/ed25519-webcrypto.ts';
import { deleteStoreDatabase } from '@assay/stores/idb/database.ts';
import { openIdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import type { PassingStores } from './surroundings.ts';
import { tasksAt, type Tasks } from './tasks.ts';

/** One call of a task. The answer is `{ value }` or `{ error }`. */
export interface TaskCall {
  readonly task: keyof Tasks;
  readonly ask: unknown;
}

addEventListener('message', ({ data }: MessageEvent<TaskCall>) => {
  run(data).then(
    (value) => postMessage({ value }),
    (error: unknown) => postMessage({ error: error instanceof Error ? error.stack : String(error) }),
  );
});

async function run({ task, ask }: TaskCall): Promise<unknown> {
  const tasks = tasksAt({
    url: location.origin,
    clock,
    verifySignature: await createWebCryptoVerifier(crypto.subtle),
    freshStores,
  });
  return await tasks[task](ask as never);
}

const clock = createClock(globalThis);

async function freshStores(): Promise<PassingStores> {
  const name = crypto.getRandomValues(new Uint8Array(32));
  const stores = await openIdbStores(name, { clock });
  return {
    ...stores,
    async dispose() {
      stores.close();
      await deleteStoreDatabase(name);
    },
  };
}
