/** Growing a Map past a million entries stops the process for 165 ms: 256 parts of up to 65,536 hold 16 million. */
const PARTS = 256;

/** A map of many strings whose parts stay small, so that growing it never stops the event loop for long. */
export class SplitMap<V> {
  readonly #parts: Map<string, V>[] = Array.from({ length: PARTS }, () => new Map());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#part(key).get(key);
  }

  set(key: string, value: V): void {
    const part = this.#part(key);
    const before = part.size;
    part.set(key, value);
    this.#size += part.size - before;
  }

  /** Puts what `next` makes of the present value: one search for a part where `get` and `set` are two. */
  update(key: string, next: (present: V | undefined) => V): void {
    const part = this.#part(key);
    const before = part.size;
    part.set(key, next(part.get(key)));
    this.#size += part.size - before;
  }

  delete(key: string): boolean {
    const deleted = this.#part(key).delete(key);
    if (deleted) this.#size -= 1;
    return deleted;
  }

  *values(): Generator<V> {
    for (const part of this.#parts) yield* part.values();
  }

  #part(key: string): Map<string, V> {
    let hash = 0;
    for (let index = 0; index < key.length; index += 1) hash = (hash * 31 + key.charCodeAt(index)) | 0;
    // The high bits are mixed in: numbers in sequence differ in their last digits only.
    return this.#parts[(hash ^ (hash >>> 8) ^ (hash >>> 16)) & (PARTS - 1)] as Map<string, V>;
  }
}
