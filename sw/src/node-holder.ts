import type { RegistryHandler } from '@assay/core/registry/types.ts';

/** What the holder needs of a node. */
export interface HeldNode {
  readonly handlers: readonly RegistryHandler[];
  /** Takes over what was stored since; false, or a rejection, when the node is to be opened anew. */
  follow(): Promise<boolean>;
  close(): void;
}

/** Keeps one node open for as long as the browser lets the worker live. The browser may end it at any await. */
export class NodeHolder {
  readonly #open: () => Promise<HeldNode>;
  #opened: Promise<HeldNode> | undefined;

  constructor(open: () => Promise<HeldNode>) {
    this.#open = open;
  }

  /** The node, opened at the first call and whenever it is no longer of use, with everything that is stored by now. */
  async current(): Promise<HeldNode> {
    const known = this.#opened;
    if (known === undefined) return await this.#openAnew();
    try {
      const node = await known;
      if (await node.follow()) return node;
      node.close();
    } catch {
      // Its database was deleted, or it could not be opened.
    }
    if (this.#opened === known) this.#opened = undefined;
    return await (this.#opened ?? this.#openAnew());
  }

  #openAnew(): Promise<HeldNode> {
    const opening = this.#open();
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }
}
