const SUSPICIOUS_BEATS = 2;

/**
 * Finds out by heartbeats that the end of a leg was missed. A session is counted before its first event and after its last,
 * and heartbeats come in the order of events: who counts more sessions than the node twice in a row has missed the end of
 * some. (Fewer is normal: a session whose CDR is being posted has said CHANNEL_HANGUP and is still there.)
 */
export class MissedEnds {
  #surplusBeats = 0;

  /** Takes a heartbeat: how many sessions the node counted, if it said so, and how many are known here. */
  areLikely(counted: number | undefined, known: number): boolean {
    this.#surplusBeats = counted !== undefined && known > counted ? this.#surplusBeats + 1 : 0;
    if (this.#surplusBeats < SUSPICIOUS_BEATS) return false;
    this.#surplusBeats = 0;
    return true;
  }
}
