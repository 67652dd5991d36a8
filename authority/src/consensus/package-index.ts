/**
 * Which purls the log holds, and where. It only grows, and a reader says up to which log size it looks: so all forks of
 * a node's ledger share one index, and a ledger at an older size sees what it saw then.
 */
export class PackageIndex {
  readonly #indices = new Map<string, number>();

  /** Records a final entry. */
  add(purl: string, index: number): void {
    this.#indices.set(purl, index);
  }

  /** The log index of `purl` among the first `size` entries. */
  find(purl: string, size: number = Infinity): number | undefined {
    const index = this.#indices.get(purl);
    return index !== undefined && index < size ? index : undefined;
  }
}
