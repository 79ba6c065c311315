import type { Queryable } from '../queryable.ts';
import { type ConcurrencyPoint, type ConcurrencyQuestion, readConcurrency } from './concurrency.sql.ts';
import { findMissingDays, type MissingDays } from './coverage.sql.ts';
import { type Period, resolvePeriod } from './period.sql.ts';

export interface ConcurrencyReport {
  period: Period;
  points: ConcurrencyPoint[];
  missing: MissingDays;
}

/** The curve of whole hours that a span touches, and which of their days have no sums. @throws CodedError `span-invalid` */
export async function readConcurrencyReport(
  database: Queryable,
  question: ConcurrencyQuestion,
): Promise<ConcurrencyReport> {
  const period = await resolvePeriod(database, question);
  const { fromUs, toUs } = period;
  const points = await readConcurrency(database, { ...question, fromUs, toUs });
  const missing = await findMissingDays(database, { grouping: 'traffic', fromUs, toUs });
  return { period, points, missing };
}
