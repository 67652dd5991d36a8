import { unwrap } from '@assay/core/errors/result.ts';
import { checkSuccessor, type Anchor, type AnchorStore } from '@assay/core/node/stores.ts';
import { decodeAnchor, encodeAnchor } from '../anchor-codec.ts';
import { storing } from '../store-error.ts';
import { writeFileDurably } from './durable-file.ts';
import { readFileIfThere } from './read-file.ts';

/** The anchor in one file. A damaged file is an error, never "no anchor": forgetting it would let the log go back. */
export class FsAnchorStore implements AnchorStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  load(): Promise<Anchor | undefined> {
    return storing(async () => {
      const stored = await readFileIfThere(this.#path);
      return stored === undefined ? undefined : unwrap(decodeAnchor(stored));
    });
  }

  save(anchor: Anchor): Promise<void> {
    return storing(async () => {
      checkSuccessor(await this.load(), anchor);
      await writeFileDurably(this.#path, encodeAnchor(anchor));
    });
  }
}
