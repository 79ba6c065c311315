import type { Pool } from '../../libs/postgres/database.ts';
import { rebuild } from '../../libs/store/rollup.ts';
import { type Figure, figure, median } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { loadCalls } from './loaded-calls.ts';
import { openMergerPlace } from './merger-place.ts';

const ROUNDS = 5;

/** What a person asks of a month: each tenant's and trunk's figures by the day, and the busiest minutes of each server. */
const TRAFFIC = `
  select date_trunc('day', hour), tenant, trunk, sum(attempts), sum(answered), round(100.0 * sum(answered) / sum(attempts), 2), sum(minutes)
  from report.traffic_hourly where hour >= $1 and hour < $2 group by 1, 2, 3 order by 1, 2, 3`;
const CONCURRENCY = `
  select node, tenant, max(calls) from report.concurrency where minute >= $1 and minute < $2 group by 1, 2 order by 1, 2`;

/** Milliseconds that reports over a month of `calls` calls take, after `rollup rebuild` made the sums. */
export async function reportTimes(scope: Scope, calls: number): Promise<Figure[]> {
  const { database } = await openMergerPlace(scope);
  const now = new Date();
  const [from, to] = [-1, 0].map((months) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1));
  const span = { fromUs: (from ?? 0) * 1000, toUs: (to ?? 0) * 1000 };
  const began = performance.now();
  await loadCalls(database.write, { calls, ...span });
  const loaded = performance.now();
  // The last calls of the month end in the next one.
  await rebuild(database.write, { fromUs: span.fromUs, toUs: span.toUs + 86_400_000_000 });
  const rebuilt = performance.now();
  const note = `loaded in ${seconds(loaded - began)}, rollups built in ${seconds(rebuilt - loaded)}`;
  process.stderr.write(`${calls} calls ${note}\n`);
  await database.write.query('vacuum analyze');
  const values = [new Date(span.fromUs / 1000), new Date(span.toUs / 1000)];
  return [
    figure('calls.report_month_ms', await timeOf(database.write, TRAFFIC, values), 'ms', 'lower'),
    figure('calls.concurrency_month_ms', await timeOf(database.write, CONCURRENCY, values), 'ms', 'lower'),
  ];
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
