import type { Pool } from '../../libs/postgres/database.ts';
import type { RollupSpan } from '../../libs/store/rollup.sql.ts';
import { rebuild } from '../../libs/store/rollup.ts';
import { type Figure, figure, median } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { openKeptMonth } from './kept-month.ts';
import { loadCalls } from './loaded-calls.ts';
import { openMergerPlace } from './merger-place.ts';

const ROUNDS = 5;

/**
 * What a person asks of a month: each tenant's and trunk's figures by the day, and the most calls at once of each server and
 * tenant, by hours as docs/reporting.md says, and by minutes.
 */
const TRAFFIC = `
  select date_trunc('day', hour), tenant, trunk, sum(attempts), sum(answered), round(100.0 * sum(answered) / sum(attempts), 2), sum(minutes)
  from report.traffic_hourly where hour >= $1 and hour < $2 group by 1, 2, 3 order by 1, 2, 3`;
const CONCURRENCY = `
  select node, tenant, max(calls) from report.concurrency_hourly where hour >= $1 and hour < $2 group by 1, 2 order by 1, 2`;
const CONCURRENCY_BY_MINUTE = `
  select node, tenant, max(calls) from report.concurrency where minute >= $1 and minute < $2 group by 1, 2 order by 1, 2`;

/** Milliseconds that reports over a month of `calls` calls take, after `rollup rebuild` made the sums. The month is kept. */
export async function reportTimes(scope: Scope, calls: number): Promise<Figure[]> {
  const month = await openKeptMonth(calls);
  const { database } = await openMergerPlace(scope, month.dataDirectory);
  if (!month.isLoaded) {
    await load(database.write, calls, month.span);
    await month.keep();
  }
  const values = [new Date(month.span.fromUs / 1000), new Date(month.span.toUs / 1000)];
  const time = async (name: string, text: string) =>
    figure(`calls.${name}`, await timeOf(database.write, text, values), 'ms', 'lower');
  return [
    await time('report_month_ms', TRAFFIC),
    await time('concurrency_month_ms', CONCURRENCY),
    await time('concurrency_month_by_minute_ms', CONCURRENCY_BY_MINUTE),
  ];
}

async function load(pool: Pool, calls: number, span: RollupSpan): Promise<void> {
  const began = performance.now();
  await loadCalls(pool, { calls, ...span });
  const loaded = performance.now();
  // The last calls of the month end in the next one.
  await rebuild(pool, { fromUs: span.fromUs, toUs: span.toUs + 86_400_000_000 });
  const rebuilt = performance.now();
  const note = `loaded in ${seconds(loaded - began)}, rollups built in ${seconds(rebuilt - loaded)}`;
  process.stderr.write(`${calls} calls ${note}\n`);
  await pool.query('vacuum analyze');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function timeOf(pool: Pool, text: string, values: unknown[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const { rowCount } = await pool.query(text, values);
    times.push(performance.now() - began);
    if (rowCount === 0) throw new Error('the report is empty');
  }
  return median(times);
}
