/** How long a sample counts, microseconds: a stepped clock is noticed within two of these. */
const WINDOW_US = 60_000_000;

/**
 * Tracks how far a node's clock is from ours. An event's stamp is always older than its receipt by its way through queues
 * and the network, so of many samples (stamp minus receipt) the largest is the nearest to the truth.
 */
export class ClockOffset {
  #current: number | undefined;
  #previous: number | undefined;
  #windowStartUs = 0;

  /** One event: its Event-Date-Timestamp and our clock at receipt. */
  sample(stampUs: number, receivedUs: number): void {
    // Also when our clock was set back: a window would last until it is that late again.
    if (Math.abs(receivedUs - this.#windowStartUs) >= WINDOW_US) {
      this.#previous = this.#current;
      this.#current = undefined;
      this.#windowStartUs = receivedUs;
    }
    const offset = stampUs - receivedUs;
    if (this.#current === undefined || offset > this.#current) this.#current = offset;
  }

  /** Node clock minus ours, microseconds; undefined before the first sample. */
  get us(): number | undefined {
    if (this.#current === undefined || this.#previous === undefined) return this.#current ?? this.#previous;
    return Math.max(this.#current, this.#previous);
  }
}
