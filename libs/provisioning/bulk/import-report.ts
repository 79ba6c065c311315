import type { Refusal } from '../resource/refusal.ts';

/** What is wrong with one row. */
export interface RowError extends Refusal {
  line: number;
}

/** What became of a file. */
export interface ImportReport {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  /** whether anything was kept */
  is_kept: boolean;
  /** a thousand at the most, by their lines */
  errors: RowError[];
  errors_left_out: number;
}

const MAX_ERRORS = 1_000;

/** Counts what becomes of rows. */
export class Tally {
  rows = 0;
  readonly did = { created: 0, updated: 0, unchanged: 0 };
  #refused = 0;
  #leftOut = 0;
  readonly #errors: RowError[] = [];

  get refused(): number {
    return this.#refused;
  }

  refuse(line: number, refusals: readonly Refusal[]): void {
    this.#refused += 1;
    for (const { field, reason } of refusals) {
      if (this.#errors.length < MAX_ERRORS) this.#errors.push({ line, field, reason });
      else this.#leftOut += 1;
    }
  }

  report(isKept: boolean): ImportReport {
    const errors = this.#errors.toSorted((left, right) => left.line - right.line);
    const { rows, did, refused } = this;
    return { rows, ...did, refused, is_kept: isKept, errors, errors_left_out: this.#leftOut };
  }
}
