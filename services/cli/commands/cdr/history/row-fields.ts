import type { ColumnSource, HistoryMap } from './history-map.ts';
import { settleTimes } from './leg-times.ts';
import type { HistoryRow } from './placed-row.ts';
import { isImpossible, readTimestamps, type Zone } from './timestamp.ts';

/** What a row says, by FreeSWITCH's names. */
export interface RowFields {
  fields: Record<string, string>;
  /** why it must not be read: a time that there never was */
  flaw: string | undefined;
}

/** Reads the columns of a row that the map names. */
export function fieldsOf(row: HistoryRow, map: HistoryMap, zone: Zone): RowFields {
  const readings: Record<string, readonly string[]> = {};
  let flaw: string | undefined;
  for (const [name, sources] of Object.entries(map.fields)) {
    const all = [sources].flat();
    const found = all.map((source) => readingsIn(row, source, zone)).find((texts) => texts.length > 0);
    if (found === undefined) flaw ??= flawIn(row, all);
    else readings[name] = found;
  }
  const fields = Object.fromEntries(Object.entries(readings).map(([name, [text = '']]) => [name, text]));
  return { fields: { ...fields, ...timesOf(readings) }, flaw };
}

/** A value of a row as text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const TIMES = { start: 'start_uepoch', answer: 'answer_uepoch', end: 'end_uepoch' } as const;

function timesOf(readings: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  const of = (name: string) => readings[name]?.map(Number) ?? [];
  const lasted = (name: string) => {
    const [seconds] = of(name);
    return Number.isFinite(seconds) ? seconds : undefined;
  };
  const times = settleTimes(
    { start: of(TIMES.start), answer: of(TIMES.answer), end: of(TIMES.end) },
    { duration: lasted('duration'), billsec: lasted('billsec') },
  );
  const texts = Object.entries(times).map(([kind, us]) => [TIMES[kind as keyof typeof TIMES], us] as const);
  return Object.fromEntries(texts.flatMap(([name, us]) => (us === undefined ? [] : [[name, String(us)]])));
}

function readingsIn(row: HistoryRow, source: ColumnSource, zone: Zone): readonly string[] {
  const known = typeof source === 'string' ? { column: source, as: 'text' as const } : source;
  const text = textOf(row[known.column]).trim();
  if (text === '') return [];
  if ('values' in known) return Object.hasOwn(known.values, text) ? [known.values[text] ?? ''] : [];
  const { as } = known;
  if (as === 'text') return [text];
  const moments = as === 'timestamp' ? readTimestamps(text, zone) : epochIn(text, FACTORS[as]);
  return moments.filter((us) => us > NEVER_US).map(String);
}

/** Zero is "never", and so is what a database without zones made of it: the hour of its own clocks at that moment. */
const NEVER_US = 14 * 3_600_000_000;

const FACTORS = { epoch: 1_000_000, epoch_ms: 1_000, epoch_us: 1 } as const;

function epochIn(text: string, factor: number): number[] {
  const value = Number(text);
  return Number.isFinite(value) ? [Math.round(value * factor)] : [];
}

function flawIn(row: HistoryRow, sources: readonly ColumnSource[]): string | undefined {
  for (const source of sources) {
    if (typeof source === 'string' || !('as' in source) || source.as !== 'timestamp') continue;
    const text = textOf(row[source.column]);
    if (isImpossible(text)) return `there is no ${text.trim()}, as column ${source.column} has it`;
  }
  return undefined;
}
