import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { rebuild } from '../../../libs/store/rollup.ts';
import type { CommandContext } from '../command-context.ts';
import { momentOf } from './moment.ts';

/** `switchfleet rollup rebuild --from 2026-11-01 --to 2026-12-01` */
export function defineRollupCommand(program: Command, context: CommandContext): void {
  program
    .command('rollup')
    .description('the sums that report.traffic_hourly, report.hangup_causes and report.concurrency read')
    .command('rebuild')
    .description('build them again from table calls, for a span of whole hours (UTC)')
    .requiredOption('--from <time>', 'first hour: 2026-11-01 or 2026-11-01T08:00')
    .requiredOption('--to <time>', 'hour after the last one')
    .action((options: { from: string; to: string }) => run(context, options));
}

async function run(context: CommandContext, options: { from: string; to: string }): Promise<void> {
  const span = { fromUs: momentOf('from', options.from), toUs: momentOf('to', options.to) };
  checkKept(span.fromUs, context.config.CALL_RETENTION_MONTHS);
  await context.withDatabase(({ write }) => rebuild(write, span));
  const [from, to] = [span.fromUs, span.toUs].map((us) => new Date(us / 1000).toISOString());
  context.output.result(`built the rollups from ${from} to ${to} again`, { from, to });
}

/** Where calls have been dropped, sums are all that is left of them. @throws CodedError `rollup-calls-dropped` */
function checkKept(fromUs: number, months: number): void {
  const now = new Date();
  const kept = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1);
  if (fromUs < kept * 1000) {
    const since = new Date(kept).toISOString().slice(0, 10);
    throw new CodedError('rollup-calls-dropped', `calls before ${since} may have been dropped: start there`);
  }
}
