import type { Command } from 'commander';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { checkInteger, checkWord } from '../../../libs/provisioning/value.ts';
import { DIMENSIONS, type Dimension, STEPS } from '../../../libs/reports/dimension.ts';
import { readTimeZone } from '../../../libs/reports/time-zone.ts';
import { type KpiRow, readKpis } from '../../../libs/store/report/kpi-report.ts';
import type { CommandContext } from '../command-context.ts';
import { collect } from './entry-options.ts';
import { momentOf } from './moment.ts';

interface KpiOptions {
  from: string;
  to: string;
  by?: string[];
  only?: string[];
  step?: string;
  tz: string;
  limit: string;
}

const FIGURES = [
  'attempts',
  'answered',
  'asr',
  'acd',
  'ner',
  'pdd_p50_ms',
  'pdd_p95_ms',
  'minutes',
  'mos',
] as const;

/** `switchfleet report kpis --from 2026-11-01 --to 2026-12-01 --by trunk` */
export function defineReportCommand(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('figures over calls, as docs/reporting.md defines them')
    .command('kpis')
    .description('attempts, ASR, ACD, NER, PDD, minutes and MOS, from sums by the hour')
    .requiredOption('--from <time>', 'first hour: 2026-11-01 or 2026-11-01T08:00')
    .requiredOption('--to <time>', 'hour after the last one')
    .option('--by <dimension>', `${DIMENSIONS.join(', ')}; several times for several`, collect)
    .option('--only <dimension=value>', 'only calls that have it', collect)
    .option('--step <step>', STEPS.join(', '))
    .option('--tz <zone>', 'time zone of days and months', 'UTC')
    .option('--limit <number>', 'lines at the most', '1000')
    .action((options: KpiOptions) => kpis(context, options));
}

async function kpis(context: CommandContext, options: KpiOptions): Promise<void> {
  const by = (options.by ?? []).map((word) => checkWord('by', word, DIMENSIONS));
  const question = {
    by,
    step: options.step === undefined ? undefined : checkWord('step', options.step, STEPS),
    timeZone: readTimeZone(options.tz),
    fromUs: momentOf('from', options.from),
    toUs: momentOf('to', options.to),
    comparesBefore: false,
    only: Object.fromEntries((options.only ?? []).map(readOnly)),
    digits: 4,
    orderBy: 'attempts' as const,
    limit: checkInteger('limit', options.limit, { min: 1, max: 10_000 }),
  };
  const { rows, isCut } = await context.withDatabase(({ read }) => readKpis(read, question));
  const columns = [...(question.step === undefined ? [] : ['step']), ...by, ...FIGURES];
  context.output.table(columns, rows, toRow);
  if (isCut) process.stderr.write(`there are more than ${question.limit} lines: --limit shows more\n`);
}

function readOnly(text: string): [Dimension, string] {
  const equals = text.indexOf('=');
  if (equals <= 0)
    throw new CodedError('value-refused', `${JSON.stringify(text)} must look like trunk=carrier`);
  return [checkWord('only', text.slice(0, equals), DIMENSIONS), text.slice(equals + 1)];
}

function toRow({ step, by, figures }: KpiRow): Record<string, unknown> {
  return { step, ...by, ...figures };
}
