/** Width of a slot, and how far back the ring reaches: 6 s. */
const SLOT_US = 100_000;
const SLOTS = 60;

/** Counts what happened in the last six seconds, in a fixed amount of memory however often it happens. */
export class RateRing {
  readonly #counts = new Uint32Array(SLOTS);
  /** the number, since 1970, of the youngest slot */
  #newest = 0;
  #total = 0;
  /** the last sum, and since which slot: asked for at every decision, changed at a few */
  #summedSince = -1;
  #sum = 0;

  add(atUs: number): void {
    const slot = Math.floor(atUs / SLOT_US);
    this.#advance(slot);
    this.#counts[slot % SLOTS] = (this.#counts[slot % SLOTS] ?? 0) + 1;
    this.#total += 1;
    if (slot >= this.#summedSince) this.#sum += 1;
  }

  /** How many there were after `sinceUs` (exclusive, to a tenth of a second) and up to `nowUs`. */
  countSince(sinceUs: number, nowUs: number): number {
    this.#advance(Math.floor(nowUs / SLOT_US));
    if (this.#total === 0) return 0;
    const first = Math.max(Math.floor(sinceUs / SLOT_US) + 1, this.#newest - SLOTS + 1);
    if (first !== this.#summedSince) {
      this.#sum = 0;
      for (let slot = first; slot <= this.#newest; slot += 1) this.#sum += this.#counts[slot % SLOTS] ?? 0;
      this.#summedSince = first;
    }
    return this.#sum;
  }

  #advance(slot: number): void {
    // The clock was set back: what it counted before would not grow old until it is that late again.
    if (slot <= this.#newest - SLOTS) this.#forget();
    if (slot <= this.#newest) return;
    const first = Math.max(this.#newest + 1, slot - SLOTS + 1);
    for (let old = first; old <= slot; old += 1) {
      this.#total -= this.#counts[old % SLOTS] ?? 0;
      this.#counts[old % SLOTS] = 0;
    }
    this.#newest = slot;
    this.#summedSince = -1;
  }

  #forget(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#newest = 0;
  }
}
