/** FreeSWITCH's default `event-heartbeat-interval`. */
const DEFAULT_INTERVAL_US = 20_000_000;
const SHORTEST_US = 500_000;
const LONGEST_US = 600_000_000;
const DEADLINE_INTERVALS = 2.5;
const REMEMBERED = 3;

/**
 * Learns a node's heartbeat interval from the stamps of its heartbeats (not from their receipt: ours may be late), and says
 * how long silence is normal. Of the last few intervals the longest counts: a lost heartbeat delays the alarm, never raises it.
 */
export class Heartbeat {
  #lastStampUs: number | undefined;
  #intervals: number[] = [];

  beat(stampUs: number): void {
    const interval = this.#lastStampUs === undefined ? undefined : stampUs - this.#lastStampUs;
    this.#lastStampUs = stampUs;
    if (interval === undefined || interval < SHORTEST_US || interval > LONGEST_US) return;
    this.#intervals = [...this.#intervals, interval].slice(-REMEMBERED);
  }

  /** Microseconds between heartbeats. */
  get intervalUs(): number {
    return this.#intervals.length === 0 ? DEFAULT_INTERVAL_US : Math.max(...this.#intervals);
  }

  /** Microseconds of silence after which the node is stale. */
  get deadlineUs(): number {
    return this.intervalUs * DEADLINE_INTERVALS;
  }
}
