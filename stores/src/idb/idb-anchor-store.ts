import { unwrap } from '@assay/core/errors/result.ts';
import { checkSuccessor, type Anchor, type AnchorStore } from '@assay/core/node/stores.ts';
import { decodeAnchor, encodeAnchor } from '../anchor-codec.ts';
import { storing } from '../store-error.ts';
import type { StoreDatabase } from './database.ts';

const ANCHOR_KEY = 'anchor';

/** The anchor in IndexedDB. A damaged value is an error, never "no anchor": forgetting it would let the log go back. */
export class IdbAnchorStore implements AnchorStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  load(): Promise<Anchor | undefined> {
    return storing(async () => {
      const stored = await this.#database.get('anchors', ANCHOR_KEY);
      return read(stored);
    });
  }

  save(anchor: Anchor): Promise<void> {
    return storing(async () => {
      const transaction = this.#database.transaction('anchors', 'readwrite', { durability: 'strict' });
      try {
        // In the same transaction, because every tab and the service worker may write here.
        checkSuccessor(read(await transaction.store.get(ANCHOR_KEY)), anchor);
        await transaction.store.put(encodeAnchor(anchor), ANCHOR_KEY);
      } catch (error) {
        transaction.done.catch(() => undefined);
        transaction.abort();
        throw error;
      }
      await transaction.done;
    });
  }
}

function read(stored: Uint8Array | undefined): Anchor | undefined {
  return stored === undefined ? undefined : unwrap(decodeAnchor(stored));
}
