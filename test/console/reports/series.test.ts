import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kpis } from '../../../console/api/contract.ts';
import type { Figures } from '../../../console/api/shapes.ts';
import {
  alone,
  byWeekdayAndHour,
  concurrencyOf,
  pointsOf,
  type Series,
  seriesOf,
  seriesToCsv,
  stepStart,
} from '../../../console/reports/series.ts';

const HOUR_S = 3_600;
const START_S = Date.parse('2026-11-20T08:00:00Z') / 1_000;

/** A report of hours of a day: by its beginning, how many were attempted. */
function hours(attempts: Record<string, number>): Kpis {
  const items = Object.entries(attempts).map(([step, count]) => ({
    by: {},
    step,
    figures: {
      attempts: count,
      asr: 50,
      acd: null,
      ner: null,
      pdd_p95_ms: null,
      minutes: 1,
      mos: null,
    } as Figures,
    before: null,
  }));
  const span = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  return { items, tz: 'UTC', ...span } as unknown as Kpis;
}

test('where hours without calls are left out, counts fall to nothing and ratios are broken', () => {
  const report = hours({
    '2026-11-20T08:00:00': 4,
    '2026-11-20T09:00:00': 2,
    '2026-11-20T11:00:00': 3,
    '2026-11-20T16:00:00': 1,
  });
  const [attempts, asr] = seriesOf(report, 'hour');
  assert.ok(attempts !== undefined && asr !== undefined);
  const at = [0, 1, 2, 3, 4, 7, 8].map((hour) => START_S + hour * HOUR_S);
  assert.deepEqual(pointsOf(attempts, HOUR_S), { at, values: [4, 2, 0, 3, 0, 0, 1] });
  assert.deepEqual(pointsOf(asr, HOUR_S), { at, values: [50, 50, null, 50, null, null, 50] });
  assert.deepEqual(alone([50, 50, null, 50, null, null, 50]), [3, 6]);
});

test('the curve of calls at once ends now', () => {
  const curve = {
    ...hours({}),
    items: [
      { step: '2026-11-20T08:00:00', calls: 3 },
      { step: '2026-11-20T09:00:00', calls: 7 },
    ],
  } as unknown as Parameters<typeof concurrencyOf>[0];
  const series = concurrencyOf(curve, { step: 'hour', nowUs: (START_S + 100) * 1_000_000 });
  assert.deepEqual([series.steps, series.values], [['2026-11-20T08:00:00'], [3]]);
});

test('the heat map has the mean of each hour of a weekday', () => {
  const cells = byWeekdayAndHour(hours({ '2026-11-13T08:00:00': 4, '2026-11-20T08:00:00': 2 }));
  assert.deepEqual([...cells], [['4 8', 3]]);
});

test("steps are moments of the zone's clock; data are taken along with zone and unit", () => {
  assert.equal(stepStart('2026-11-20T21:00', 'Europe/Berlin'), Date.UTC(2026, 10, 20, 20) * 1_000);
  const series: Series = {
    name: 'PDD, 95 of 100 calls',
    unit: 'ms',
    zone: 'UTC',
    step: 'hour',
    span: [0, 1],
    steps: ['2026-11-20T21:00', '2026-11-20T22:00'],
    values: [95, null],
    otherwise: null,
  };
  assert.equal(
    seriesToCsv(series),
    'step (UTC),PDD 95 of 100 calls (ms)\r\n2026-11-20T21:00,95\r\n2026-11-20T22:00,\r\n',
  );
});
