import { Type } from 'typebox';
import { nullable } from '../../../libs/records/variables.ts';
import { DIMENSIONS } from '../../../libs/reports/dimension.ts';
import type { KpiReport } from '../../../libs/store/report/kpi-report.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';

const Instant = Type.String({ format: 'date-time' });
const Ratio = (description: string) => nullable(Type.Number({ description }));

export const Figures = Type.Object({
  attempts: Type.Number({ description: 'calls' }),
  answered: Type.Number(),
  asr: Ratio('answer-seizure ratio, percent'),
  acd: Ratio('average call duration, seconds'),
  ner: Ratio('network effectiveness ratio, percent'),
  pdd_p50_ms: Ratio('post-dial delay, median'),
  pdd_p95_ms: Ratio('post-dial delay that 95 of 100 calls stay under'),
  minutes: Type.Number({ description: 'of talk' }),
  mos: Ratio('mean of the worst MOS of each call'),
  mos_samples: Type.Number({ description: 'calls that have a MOS' }),
});

/** What every report says of itself: which hours it is about, and whether all of them have sums. */
export const ReportHead = {
  from: Instant,
  to: Instant,
  tz: Type.String(),
  complete: Type.Boolean({ description: 'false: there are days with calls and without sums of them' }),
  missing: Type.Object({
    days: Type.Integer({
      description: 'days (UTC) that have calls and no sums: `switchfleet rollup rebuild` makes them',
    }),
    first: nullable(Type.String()),
    last: nullable(Type.String()),
  }),
};

const By = Type.Object(
  Object.fromEntries(DIMENSIONS.map((name) => [name, Type.Optional(nullable(Type.String()))])),
  { description: 'null: the call has none' },
);

export const KpiLine = Type.Object({
  step: nullable(
    Type.String({ description: 'beginning of the hour, day or month, by the clock of the time zone' }),
  ),
  by: By,
  figures: Figures,
  before: Type.Optional(nullable(Figures)),
});

export const KpiAnswer = Type.Object({
  ...ReportHead,
  before: nullable(Type.Object({ from: Instant, to: Instant })),
  items: Type.Array(KpiLine),
  more: Type.Boolean({ description: 'true: there are more lines than `limit`' }),
});

type Head = Pick<KpiReport, 'period' | 'missing'>;

export function toHead({ period, missing }: Head, tz: string) {
  const { fromUs, toUs } = period;
  return { from: toInstant(fromUs), to: toInstant(toUs), tz, complete: missing.days === 0, missing };
}

export function toKpiAnswer(report: KpiReport, tz: string, comparesBefore: boolean) {
  const { before } = report.period;
  return {
    ...toHead(report, tz),
    before: comparesBefore ? { from: toInstant(before.fromUs), to: toInstant(before.toUs) } : null,
    items: report.rows,
    more: report.isCut,
  };
}
