import type { Pool } from '../../libs/postgres/database.ts';
import { type Figure, figure, median } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { openKeptMonth } from './kept-month.ts';
import { loadMonth } from './loaded-month.ts';
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
  if (!month.isLoaded) {
    await loadMonth(month, calls);
    await month.keep();
  }
  const { database } = await openMergerPlace(scope, month.dataDirectory);
  const values = [new Date(month.span.fromUs / 1000), new Date(month.span.toUs / 1000)];
  const time = async (name: string, text: string) =>
    figure(`calls.${name}`, await timeOf(database.write, text, values), 'ms', 'lower');
  return [
    await time('report_month_ms', TRAFFIC),
    await time('concurrency_month_ms', CONCURRENCY),
    await time('concurrency_month_by_minute_ms', CONCURRENCY_BY_MINUTE),
  ];
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
