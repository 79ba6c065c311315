/** Something to do at a moment; `act` returns when it wants to go on (µs), or nothing when it is done. */
export interface Act {
  dueUs: number;
  act(): number | undefined;
}

/** What is to be done, the earliest first (a binary heap). */
export class Agenda {
  readonly #heap: Act[] = [];

  get next(): Act | undefined {
    return this.#heap[0];
  }

  add(act: Act): void {
    this.#heap.push(act);
    this.#rise(this.#heap.length - 1);
  }

  /** Does the earliest act, and keeps it when it goes on. It may add others. */
  step(): void {
    const first = this.#takeFirst();
    if (first === undefined) return;
    const again = first.act();
    if (again === undefined) return;
    first.dueUs = again;
    this.add(first);
  }

  #takeFirst(): Act | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#due(parent) <= this.#due(at)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const smaller = this.#due(left + 1) < this.#due(left) ? left + 1 : left;
      if (this.#due(smaller) >= this.#due(at)) return;
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #due(at: number): number {
    return this.#heap[at]?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
