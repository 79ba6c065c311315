import type { Position } from './change-log.sql.ts';
import type { SnapshotModel } from './table.ts';

/** A feed that has not confirmed for longer than this doesn't know what was committed (I7). */
const FRESH_MS = 1_000;

export type SnapshotSource = 'database' | 'disk';

/** How true a snapshot is just now. */
export interface FeedState {
  /** something is loaded: answers can be given */
  isLoaded: boolean;
  /** every change committed more than a second ago is in: what is not there does not exist */
  isFresh: boolean;
  /** milliseconds since the snapshot was last known to be complete; Infinity when it never was in this process */
  ageMs: number;
  revision: number;
  /** where the last full load came from */
  source: SnapshotSource | undefined;
  /** why it is not fresh, for people */
  problem: string | undefined;
}

/** A model that was filled, and the place in the log that it stands for. */
export interface Loaded<M> {
  model: M;
  position: Position;
}

/** What a feed holds: the model, its revision, and how sure we are of it. */
export class HeldSnapshot<M extends SnapshotModel> {
  #loaded: Loaded<M>;
  #source: SnapshotSource | undefined;
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined = 'not loaded yet';
  readonly #now: () => number;

  /** `now`: real time in milliseconds. */
  constructor(empty: M, now: () => number) {
    this.#loaded = { model: empty, position: { revision: 0, mark: null } };
    this.#now = now;
  }

  get model(): M {
    return this.#loaded.model;
  }

  get revision(): number {
    return this.#loaded.position.revision;
  }

  /** The last change that is in the model. */
  get position(): Position {
    return this.#loaded.position;
  }

  get source(): SnapshotSource | undefined {
    return this.#source;
  }

  /** Takes a full load in the place of what was held. */
  replace(loaded: Loaded<M>, source: SnapshotSource): void {
    this.#loaded = loaded;
    this.#source = source;
  }

  /** Says that a change was applied to the model. */
  advance({ revision, mark }: Position): void {
    this.#loaded.position = { revision, mark };
  }

  /** Says that everything committed before `at` is in. Returns whether there was a problem until now. */
  confirm(at: number): boolean {
    const hadProblem = this.#problem !== undefined;
    this.#confirmedAt = at;
    this.#problem = undefined;
    return hadProblem;
  }

  /** Says why nothing can be confirmed. Returns whether this is new. */
  fail(problem: string): boolean {
    const isNew = this.#problem === undefined;
    this.#problem = problem;
    return isNew;
  }

  state(): FeedState {
    const ageMs = this.#now() - this.#confirmedAt;
    const isFresh = ageMs <= FRESH_MS;
    return {
      isLoaded: this.#source !== undefined,
      isFresh,
      ageMs,
      revision: this.revision,
      source: this.#source,
      problem: isFresh ? undefined : (this.#problem ?? 'the database answers late'),
    };
  }
}
