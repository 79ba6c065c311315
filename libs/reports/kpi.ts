import { type Fragment, joined, type RenderedQuery, raw, render, sql } from '../store/fragment.ts';
import { type Dimension, dimensionSql, type Grouping, type Step } from './dimension.ts';

/** A question of figures over calls. Moments are whole hours, µs. */
export interface KpiQuestion {
  grouping: Grouping;
  by: readonly Dimension[];
  /** step of time, in the time zone; undefined: the whole span is one */
  step?: Step | undefined;
  timeZone: string;
  fromUs: number;
  toUs: number;
  /** the period before, put beside it; undefined: none */
  before?: { fromUs: number; toUs: number; shift: string } | undefined;
  /** only calls that have these */
  only: Readonly<Partial<Record<Dimension, string>>>;
  /** digits of a prefix */
  digits: number;
  orderBy: 'attempts' | 'minutes';
  limit: number;
}

const PDD = Array.from({ length: 16 }, (_, at) => `pdd_${at + 1}`);
const SUMS = ['attempts', 'answered', 'effective', 'talk_ms', 'mos_centi', 'mos_calls', ...PDD];
const HISTOGRAM = `array[${PDD.map((name) => `sum(${name})::bigint`).join(', ')}]`;

/** The figures, as docs/reporting.md defines them; sums divide last, as ratios do not add up. */
const FIGURES = `sum(attempts)::float8 as attempts, sum(answered)::float8 as answered,
  round(100.0 * sum(answered) / nullif(sum(attempts), 0), 2)::float8 as asr,
  round(sum(talk_ms) / 1000.0 / nullif(sum(answered), 0), 2)::float8 as acd,
  round(100.0 * sum(effective) / nullif(sum(attempts), 0), 2)::float8 as ner,
  report.percentile_ms(0.5, ${HISTOGRAM}) as pdd_p50_ms, report.percentile_ms(0.95, ${HISTOGRAM}) as pdd_p95_ms,
  round(sum(talk_ms) / 60000.0, 2)::float8 as minutes,
  round(sum(mos_centi) / 100.0 / nullif(sum(mos_calls), 0), 2)::float8 as mos, sum(mos_calls)::float8 as mos_samples`;

const moment = (us: number) => sql`(timestamptz 'epoch' + ${us}::bigint * interval '1 microsecond')`;

/**
 * SQL of a question: one row for each combination, the busiest first within a step. `is_before` rows are of the period
 * before, under the name of the step that they stand beside.
 */
export function kpiQuery(question: KpiQuestion): RenderedQuery {
  const { by, step, limit, orderBy } = question;
  const names = by.map((dimension) => raw(`d_${dimension}`));
  const keys = [...(step === undefined ? [] : [raw('step')]), ...names];
  const inner = joined(
    [sourceOf('call_rollups', question), sourceOf('call_rollup_deltas', question)],
    ' union all ',
  );
  const grouped = joined([raw('is_before'), ...keys], ', ');
  return render(sql`
    with parts as (${inner}), figures as (
      select ${grouped}, ${raw(FIGURES)} from parts group by ${grouped} having sum(attempts) > 0
    ), ranked as (
      select *, row_number() over (partition by is_before order by ${joined(keys.slice(0, step === undefined ? 0 : 1), ', ', 'true')}, ${raw(orderBy)} desc, ${joined(names, ', ', 'true')}) as place
      from figures
    )
    select * from ranked where is_before or place <= ${limit}::integer order by is_before, place limit 200000`);
}

/** The 29th to 31st stand beside no day of a shorter month: SQL would count all of them with its last day. */
const countsBeside = (step: Step | undefined, local: Fragment, shift: string): Fragment =>
  step === 'hour' || step === 'day'
    ? sql`(${local} + ${shift}::interval - ${shift}::interval = ${local})`
    : raw('true');

/** Rows of one table of sums: both periods, named by their step. */
function sourceOf(table: string, question: KpiQuestion): Fragment {
  const { grouping, by, step, timeZone, fromUs, toUs, before, only, digits } = question;
  const isBefore = before === undefined ? raw('false') : sql`hour < ${moment(fromUs)}`;
  const local = sql`(hour at time zone ${timeZone}::text)`;
  const shifted =
    before === undefined
      ? local
      : sql`(case when hour < ${moment(fromUs)} then ${local} + ${before.shift}::interval else ${local} end)`;
  const columns = [
    sql`${isBefore} as is_before`,
    ...(step === undefined
      ? []
      : [sql`to_char(date_trunc(${step}::text, ${shifted}), 'YYYY-MM-DD"T"HH24:MI') as step`]),
    ...by.map((dimension) => raw(`${dimensionSql(dimension, digits)} as d_${dimension}`)),
    raw(SUMS.join(', ')),
  ];
  const now = sql`hour >= ${moment(fromUs)} and hour < ${moment(toUs)}`;
  const span =
    before === undefined
      ? now
      : sql`(${now} or hour >= ${moment(before.fromUs)} and hour < ${moment(before.toUs)} and ${countsBeside(step, local, before.shift)})`;
  const filters = Object.entries(only).map(
    ([name, value]) => sql`${raw(dimensionSql(name as Dimension, digits))} = ${value}`,
  );
  return sql`select ${joined(columns, ', ')} from ${raw(table)}
    where ${joined([sql`grouping = ${grouping}`, span, ...filters], ' and ')}`;
}
