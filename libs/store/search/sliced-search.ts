import { CodedError } from '../../errors/coded-error.ts';
import { hasSqlState, SQL_STATE } from '../../postgres/sql-state.ts';

/** A span of time, µs: `fromUs` is in it, `toUs` is not. */
export interface Slice {
  fromUs: number;
  toUs: number;
}

export interface SliceQuestion extends Slice {
  /** rows that are still wanted */
  limit: number;
  /** the statement's time limit */
  timeoutMs: number;
}

export interface SlicedSearchOptions {
  /** rows that are wanted */
  limit: number;
  /** time for all of it, milliseconds */
  budgetMs: number;
  /** where an index leads to what is asked for, all of the span is asked at once, first */
  wholeFirst: boolean;
  /** it goes on where another one ran out of time: its slices begin narrow */
  isContinued?: boolean | undefined;
  /** the span; asked for only when slices are needed */
  span: () => Promise<Slice>;
  /** newest first */
  run: (question: SliceQuestion) => Promise<unknown[]>;
  /** the whole span at once */
  runWhole: (question: Pick<SliceQuestion, 'limit' | 'timeoutMs'>) => Promise<unknown[]>;
  signal?: AbortSignal | undefined;
}

export interface SlicedResult<Row> {
  /** newest first */
  rows: Row[];
  /** null: all that was asked for was searched, or the page is full; else everything from here on was, µs */
  searchedToUs: number | null;
}

const HOUR_US = 3_600_000_000;
const MINUTE_US = 60_000_000;
const SHORTEST_US = 1_000_000;
/** What is left of a budget that is not worth another question, ms. */
const CRUMB_MS = 5;

/**
 * Looks for the newest rows within a time budget. What one statement cannot answer in half of the budget is asked again in
 * slices of time, from the newest, wider while they are quick and narrower when they are not; so a search that runs out of
 * time has got somewhere, and can go on from there.
 * @throws CodedError `search-timed-out` when not even the first slice was answered
 */
export async function searchNewestFirst<Row>(options: SlicedSearchOptions): Promise<SlicedResult<Row>> {
  const endsAt = performance.now() + options.budgetMs;
  if (options.wholeFirst && options.isContinued !== true) {
    const rows = await withinTime(options, () =>
      options.runWhole({ limit: options.limit, timeoutMs: options.budgetMs / 2 }),
    );
    if (rows !== undefined) return { rows: rows as Row[], searchedToUs: null };
  }
  return searchSlices<Row>(options, endsAt);
}

async function searchSlices<Row>(options: SlicedSearchOptions, endsAt: number): Promise<SlicedResult<Row>> {
  const { fromUs, toUs } = await options.span();
  const rows: Row[] = [];
  let width = options.isContinued === true ? MINUTE_US : HOUR_US;
  let doneUs = toUs;
  while (doneUs > fromUs && rows.length < options.limit) {
    options.signal?.throwIfAborted();
    const began = performance.now();
    const timeoutMs = Math.min(endsAt - began, options.budgetMs / 8);
    if (timeoutMs < CRUMB_MS) return stopped(rows, doneUs, toUs);
    const slice = { fromUs: Math.max(fromUs, doneUs - width), toUs: doneUs };
    const question = { ...slice, limit: options.limit - rows.length, timeoutMs };
    const found = await withinTime(options, () => options.run(question));
    if (found === undefined) {
      if (width <= SHORTEST_US) return stopped(rows, doneUs, toUs);
      width = Math.max(SHORTEST_US, Math.ceil(width / 16));
      continue;
    }
    rows.push(...(found as Row[]));
    doneUs = slice.fromUs;
    if (performance.now() - began < options.budgetMs / 40) width *= 4;
  }
  return { rows, searchedToUs: null };
}

/** Undefined when the statement ran out of its time. */
async function withinTime<T>({ signal }: SlicedSearchOptions, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (signal?.aborted || !hasSqlState(error, SQL_STATE.queryCanceled)) throw error;
    return undefined;
  }
}

function stopped<Row>(rows: Row[], doneUs: number, toUs: number): SlicedResult<Row> {
  if (doneUs < toUs) return { rows, searchedToUs: doneUs };
  throw new CodedError('search-timed-out', 'the search ran out of time before it got anywhere: ask for less');
}
