/** First in, first out. What was taken is soon not kept any more: a record would hold all of its request in memory. */
export class Queue<T> {
  #items: T[] = [];
  /** how many at the beginning of the items were taken */
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  get first(): T | undefined {
    return this.#items[this.#taken];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first one away; there has to be one. Moving the others each time would cost more with each that waits. */
  drop(): void {
    this.#taken += 1;
    if (this.#taken * 2 >= this.#items.length) this.#forgetTaken();
  }

  /** Takes away all but these. */
  keep(isKept: (item: T) => boolean): void {
    this.#forgetTaken();
    this.#items = this.#items.filter(isKept);
  }

  #forgetTaken(): void {
    this.#items = this.#items.slice(this.#taken);
    this.#taken = 0;
  }
}
