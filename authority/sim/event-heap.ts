/** Things to be done at a time, the earliest first; at one time, in the order they were added. */
export class EventHeap<T> {
  readonly #items: { at: number; order: number; item: T }[] = [];
  #added = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the next thing is due. */
  get nextAt(): number | undefined {
    return this.#items[0]?.at;
  }

  push(at: number, item: T): void {
    this.#items.push({ at, order: this.#added++, item });
    this.#rise(this.#items.length - 1);
  }

  pop(): { at: number; item: T } | undefined {
    const [first] = this.#items;
    const last = this.#items.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(start: number): void {
    for (let at = start; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(start: number): void {
    for (let at = start; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#items.length && this.#isBefore(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#items[a];
    const other = this.#items[b];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const one = this.#items[a];
    const other = this.#items[b];
    if (one === undefined || other === undefined) return;
    this.#items[a] = other;
    this.#items[b] = one;
  }
}
