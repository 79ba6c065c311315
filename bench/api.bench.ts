import { startApi } from './api/api-process.ts';
import { exportFigures } from './api/export-rate.ts';
import { facetTime, kpiTime, searchTimes } from './api/search-time.ts';
import { openStoredMonth } from './api/stored-month.ts';
import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const ROUNDS = 5;
const CALLS = 1_000_000;

/**
 * Searches, reports and exports over a month of `--calls N` (1,000,000) calls cloned from recorded ones, asked of the api as a
 * process. The calls are kept between runs. `--rounds N` changes how often figures are measured.
 */
export const bench: Bench = {
  name: 'api',
  description: 'the api over a month of calls: searches, a report, exports, beside plain SQL and psql',
  async *run({ rounds = String(ROUNDS), calls = String(CALLS) }): AsyncIterable<Figure> {
    const scope = new Scope();
    try {
      const month = await openStoredMonth(scope, Number(calls));
      const api = await startApi(scope, month.connectionString);
      yield* await searchTimes(api, month, Number(rounds));
      yield await facetTime(api, month, Number(rounds));
      yield await kpiTime(api, month, Number(rounds));
      yield* await exportFigures(api, month.connectionString, Number(rounds));
    } finally {
      await scope.close();
    }
  },
};
