/** Union-find over texts. */
export class DisjointSets {
  readonly #parents = new Map<string, string>();

  add(item: string): void {
    if (!this.#parents.has(item)) this.#parents.set(item, item);
  }

  /** The item that stands for the set of `item`; an unknown item is a set of its own. */
  find(item: string): string {
    let at = item;
    for (let parent = this.#parents.get(at); parent !== undefined && parent !== at; ) {
      const above = this.#parents.get(parent) ?? parent;
      this.#parents.set(at, above);
      at = parent;
      parent = above;
    }
    return at;
  }

  join(a: string, b: string): void {
    this.add(a);
    this.add(b);
    const [root, other] = [this.find(a), this.find(b)];
    if (root !== other) this.#parents.set(other, root);
  }
}
