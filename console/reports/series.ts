import type { Concurrency, Kpis } from '../api/contract.ts';
import type { Figures } from '../api/shapes.ts';
import { toCsv } from '../parts/csv.ts';
import { parseMoment } from '../time/zone.ts';

/** One figure over time. */
export interface Series {
  name: string;
  unit: string;
  zone: string;
  /** how long each step is */
  step: 'hour' | 'day';
  /** the whole time that was asked for, seconds since 1970 */
  span: readonly [from: number, to: number];
  /** beginnings of the steps, by the clock of the zone */
  steps: string[];
  /** null: nothing was measured in that step */
  values: (number | null)[];
  /** what a step has that is not told of: none, or nothing that could be measured */
  otherwise: 0 | null;
}

const COUNTS: ReadonlySet<string> = new Set(['Attempts', 'Talk']);

const SHOWN: readonly (readonly [name: string, unit: string, read: (figures: Figures) => number | null])[] = [
  ['Attempts', 'calls', ({ attempts }) => attempts],
  ['ASR', '%', ({ asr }) => asr],
  ['ACD', 's', ({ acd }) => acd],
  ['NER', '%', ({ ner }) => ner],
  ['PDD, 95 of 100 calls', 'ms', ({ pdd_p95_ms }) => pdd_p95_ms],
  ['Talk', 'min', ({ minutes }) => minutes],
  ['MOS', '1 to 5', ({ mos }) => mos],
];

/** Every figure of a report by steps, in their order in time. */
export function seriesOf({ items, tz, from, to }: Kpis, step: Series['step']): Series[] {
  const lines = items
    .filter((line) => line.step !== null)
    .toSorted((a, b) => ((a.step ?? '') < (b.step ?? '') ? -1 : 1));
  return SHOWN.map(([name, unit, read]) => ({
    name,
    unit,
    zone: tz,
    step,
    span: spanOf({ from, to }),
    steps: lines.map((line) => line.step ?? ''),
    values: lines.map(({ figures }) => read(figures)),
    otherwise: COUNTS.has(name) ? 0 : null,
  }));
}

/** How many calls were up at once, until now: of what is still to come nothing is known. */
export function concurrencyOf(
  { items, tz, from, to }: Concurrency,
  { step, nowUs }: { step: Series['step']; nowUs: number },
): Series {
  const known = items.filter((item) => stepStart(item.step, tz) <= nowUs);
  return {
    name: 'Calls at once',
    unit: 'calls',
    zone: tz,
    step,
    span: spanOf({ from, to }),
    steps: known.map((item) => item.step),
    values: known.map(({ calls }) => calls),
    otherwise: null,
  };
}

/** Moments (seconds since 1970) and their values. */
interface Points {
  at: number[];
  values: (number | null)[];
}

/** A series as points of a curve: where steps without calls are left out, it falls to nothing or is broken, and never drawn across. */
export function pointsOf({ steps, values, zone, otherwise }: Series, stepSeconds: number): Points {
  const points: Points = { at: [], values: [] };
  const add = (at: number, value: number | null) => {
    points.at.push(at);
    points.values.push(value);
  };
  steps.forEach((step, index) => {
    const at = stepStart(step, zone) / 1_000_000;
    const before = points.at.at(-1);
    // a day on which clocks are set has 23 or 25 hours
    if (before !== undefined && at - before > stepSeconds * 1.5) {
      add(before + stepSeconds, otherwise);
      if (at - before > stepSeconds * 2.5) add(at - stepSeconds, otherwise);
    }
    add(at, values[index] ?? null);
  });
  return points;
}

/** Places of values that no neighbour makes a line with: each needs a dot to be seen. */
export function alone(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    (value ?? null) !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      ? [index]
      : [],
  );
}

/** The span of a report, seconds since 1970. */
export function spanOf({ from, to }: { from: string; to: string }): readonly [number, number] {
  return [Date.parse(from) / 1_000, Date.parse(to) / 1_000];
}

/** The beginning of a step as a moment (microseconds); 0 when it cannot be read. */
export function stepStart(step: string, zone: string): number {
  return (
    parseMoment(step.replace(/(:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/, '$1').replace('T', ' '), zone) ?? 0
  );
}

/** A series as a file that spreadsheets read: zone and unit stand in its header. */
export function seriesToCsv({ name, unit, zone, steps, values }: Series): string {
  const lines = steps.map((step, index) => [step, values[index] ?? null]);
  return toCsv([[`step (${zone})`, `${name.replaceAll(',', '')} (${unit})`], ...lines]);
}

/** Mean of attempts by weekday (0: Monday) and hour of the zone's clock. */
export function byWeekdayAndHour({ items, tz }: Kpis): Map<string, number> {
  const sums = new Map<string, { sum: number; days: Set<string> }>();
  for (const { step, figures } of items) {
    if (step === null) continue;
    const [date = '', time = ''] = step.split(/[T ]/);
    const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
    const key = `${weekday} ${Number(time.slice(0, 2))}`;
    const cell = sums.get(key) ?? { sum: 0, days: new Set() };
    cell.sum += figures.attempts;
    cell.days.add(`${date} ${tz}`);
    sums.set(key, cell);
  }
  return new Map([...sums].map(([key, { sum, days }]) => [key, sum / days.size]));
}
