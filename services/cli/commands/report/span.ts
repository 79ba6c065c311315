import type { Command } from 'commander';
import { readTimeZone } from '../../../../libs/reports/time-zone.ts';
import type { MissingDays } from '../../../../libs/store/report/coverage.sql.ts';
import type { CommandContext } from '../../command-context.ts';
import { momentOf } from '../moment.ts';

/** What every report is asked. */
export interface SpanOptions {
  from: string;
  to: string;
  tz: string;
}

/** Options of the span of a report. */
export const addSpanOptions = (command: Command): Command =>
  command
    .requiredOption('--from <time>', 'first hour: 2026-11-01 or 2026-11-01T08:00, UTC unless it says +01:00')
    .requiredOption('--to <time>', 'hour after the last one')
    .option('--tz <zone>', 'time zone of hours, days and months', 'UTC');

/** @throws CodedError `time-invalid`, `time-zone-invalid` */
export const readSpan = ({ from, to, tz }: SpanOptions) => ({
  fromUs: momentOf('from', from),
  toUs: momentOf('to', to),
  timeZone: readTimeZone(tz),
});

/** A report that lacks days shall not look like one of days without calls. */
export function remarkMissing({ output }: CommandContext, { days, first, last }: MissingDays): void {
  if (days === 0) return;
  output.remark(
    `${days} days from ${first} to ${last} (UTC) have calls and no sums of them: switchfleet rollup rebuild makes them`,
  );
}
