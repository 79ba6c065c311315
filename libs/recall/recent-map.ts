export interface RecentMapOptions {
  /** entries of each of two generations: at least as many are remembered, and at most twice as many */
  entries: number;
  /** how long a generation grows, µs: an entry is remembered for at least as long, and at most twice as long; for ever by default */
  forUs?: number;
}

/** What was set lately, by name: when the young generation is full or its time is over, the old one is forgotten at once. */
export class RecentMap<V> {
  readonly #entries: number;
  readonly #forUs: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #bornUs = 0;

  constructor({ entries, forUs = Number.POSITIVE_INFINITY }: RecentMapOptions) {
    this.#entries = entries;
    this.#forUs = forUs;
  }

  get(name: string): V | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  /** `nowUs` may be left out where nothing is forgotten for its age. */
  set(name: string, value: V, nowUs = 0): void {
    const ageUs = nowUs - this.#bornUs;
    if (this.#young.size >= this.#entries || ageUs > this.#forUs) {
      // Twice the time without an entry: what is old is too old.
      this.#old = ageUs > 2 * this.#forUs ? new Map() : this.#young;
      this.#young = new Map();
      this.#bornUs = nowUs;
    }
    this.#young.set(name, value);
  }
}
