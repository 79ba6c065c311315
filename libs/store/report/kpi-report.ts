import { type Dimension, groupingOf, type Step } from '../../reports/dimension.ts';
import { kpiQuery } from '../../reports/kpi.ts';
import type { Queryable } from '../queryable.ts';
import { findMissingDays, type MissingDays } from './coverage.sql.ts';
import { type Period, resolvePeriod } from './period.sql.ts';

/** The figures of docs/reporting.md; null where nothing can be divided. */
export interface Figures {
  attempts: number;
  answered: number;
  asr: number | null;
  acd: number | null;
  ner: number | null;
  pdd_p50_ms: number | null;
  pdd_p95_ms: number | null;
  minutes: number;
  mos: number | null;
  /** calls that have a MOS */
  mos_samples: number;
}

/** One line of a report. */
export interface KpiRow {
  /** beginning of the step, by the clock of the time zone */
  step: string | null;
  by: Partial<Record<Dimension, string | null>>;
  figures: Figures;
  /** the same of the period before; undefined when it was not asked for, null when there were no calls */
  before?: Figures | null;
}

export interface ReportQuestion {
  by: readonly Dimension[];
  step?: Step | undefined;
  timeZone: string;
  fromUs: number;
  toUs: number;
  comparesBefore: boolean;
  only: Readonly<Partial<Record<Dimension, string>>>;
  digits: number;
  orderBy: 'attempts' | 'minutes';
  limit: number;
}

export interface KpiReport {
  period: Period;
  rows: KpiRow[];
  /** there are more */
  isCut: boolean;
  missing: MissingDays;
}

type ReportRow = Figures & { is_before: boolean; step?: string } & { [name: `d_${string}`]: string };

/**
 * Figures over calls, from sums alone. @throws CodedError `report-combination`, `span-invalid`
 */
export async function readKpis(database: Queryable, question: ReportQuestion): Promise<KpiReport> {
  const { by, only, comparesBefore, limit } = question;
  const grouping = groupingOf([...by, ...(Object.keys(only) as Dimension[])]);
  const period = await resolvePeriod(database, question);
  const { fromUs, toUs } = period;
  const before = comparesBefore ? period.before : undefined;
  const asked = { ...question, grouping, fromUs, toUs, before, limit: limit + 1 };
  const { rows } = await database.query<ReportRow>(kpiQuery(asked));
  const missing = await findMissingDays(database, { grouping, fromUs: before?.fromUs ?? fromUs, toUs });
  const found = pair(rows, by, comparesBefore);
  return { period, rows: found.slice(0, limit), isCut: found.length > limit, missing };
}

/** Puts each line of the period before beside the one that it is compared with. */
function pair(rows: readonly ReportRow[], by: readonly Dimension[], comparesBefore: boolean): KpiRow[] {
  const old = new Map(rows.filter((row) => row.is_before).map((row) => [keyOf(row, by), figuresOf(row)]));
  return rows
    .filter((row) => !row.is_before)
    .map((row) => ({
      step: row.step ?? null,
      by: Object.fromEntries(by.map((name) => [name, row[`d_${name}`] || null])),
      figures: figuresOf(row),
      ...(comparesBefore ? { before: old.get(keyOf(row, by)) ?? null } : {}),
    }));
}

const keyOf = (row: ReportRow, by: readonly Dimension[]) =>
  JSON.stringify([row.step, ...by.map((name) => row[`d_${name}`])]);

function figuresOf(row: ReportRow): Figures {
  const { attempts, answered, asr, acd, ner, pdd_p50_ms, pdd_p95_ms, minutes, mos, mos_samples } = row;
  return { attempts, answered, asr, acd, ner, pdd_p50_ms, pdd_p95_ms, minutes, mos, mos_samples };
}
