/** What became of one CDR. */
export interface CdrOutcome {
  uuid: string;
  format: 'xml' | 'json';
  /** `accepted`: some attempt got a 2xx; `spooled`: none did, and the file was written; `lost`: none did, and there is nowhere to write it. */
  result: 'accepted' | 'spooled' | 'lost';
  attempts: number;
  /** Status of each attempt, or the error's code. */
  answers: readonly string[];
}

export interface CdrCounts {
  posts: number;
  accepted: number;
  failedAttempts: number;
  spooled: number;
  lost: number;
}

/** Outcomes kept by leg; above this only the counts go on. */
const OUTCOMES_KEPT = 500_000;

/** Which CDRs got a 2xx, failed or were spooled: what tests compare the store with. */
export class CdrLedger {
  readonly counts: CdrCounts = { posts: 0, accepted: 0, failedAttempts: 0, spooled: 0, lost: 0 };
  readonly outcomes: CdrOutcome[] = [];

  note(outcome: CdrOutcome): void {
    this.counts.posts += 1;
    this.counts[outcome.result] += 1;
    this.counts.failedAttempts += outcome.attempts - (outcome.result === 'accepted' ? 1 : 0);
    if (this.outcomes.length < OUTCOMES_KEPT) this.outcomes.push(outcome);
  }

  /** Legs with at least one accepted CDR. */
  acceptedUuids(): Set<string> {
    return new Set(this.outcomes.filter(({ result }) => result === 'accepted').map(({ uuid }) => uuid));
  }

  /** Outcomes of one leg: at most one as XML and one as JSON. */
  of(uuid: string): CdrOutcome[] {
    return this.outcomes.filter((outcome) => outcome.uuid === uuid);
  }
}
