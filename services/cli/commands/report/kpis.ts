import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { checkInteger, checkWord } from '../../../../libs/provisioning/value.ts';
import { DIMENSIONS, type Dimension, MOST_DIGITS } from '../../../../libs/reports/dimension.ts';
import {
  type KpiReport,
  type KpiRow,
  type ReportQuestion,
  readKpis,
} from '../../../../libs/store/report/kpi-report.ts';
import type { CommandContext } from '../../command-context.ts';
import { collect } from '../entry-options.ts';
import { addSpanOptions, readSpan, remarkMissing, type SpanOptions } from './span.ts';

export interface KpiOptions extends SpanOptions {
  only?: string[];
  compare?: boolean;
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

/** Options of every report of attempts, ASR and so on. */
export const addKpiOptions = (command: Command): Command =>
  addSpanOptions(command)
    .option('--only <dimension=value>', 'only calls that have it', collect)
    .option('--compare', 'the attempts, ASR and minutes of the period before beside it')
    .option('--limit <number>', 'lines at the most', '1000');

/** What one report asks beside that. */
export interface KpiKind {
  by: readonly Dimension[];
  step?: ReportQuestion['step'];
  digits?: string;
  orderBy?: ReportQuestion['orderBy'];
  /** leaves out lines */
  choose?: (rows: KpiRow[]) => KpiRow[];
}

/** Shows figures over calls. @throws CodedError `value-refused`, `report-combination`, `span-invalid` */
export async function showKpis(context: CommandContext, options: KpiOptions, kind: KpiKind): Promise<void> {
  const { by, step, digits = '4', orderBy = 'attempts', choose = (rows) => rows } = kind;
  const question = {
    ...readSpan(options),
    by,
    step,
    comparesBefore: options.compare === true,
    only: Object.fromEntries((options.only ?? []).map(readOnly)),
    digits: checkInteger('digits', digits, { min: 1, max: MOST_DIGITS }),
    orderBy,
    limit: checkInteger('limit', options.limit, { min: 1, max: 10_000 }),
  };
  const report = await context.withDatabase(({ read }) => readKpis(read, question));
  const columns = [...(step === undefined ? [] : ['step']), ...by, ...FIGURES, ...beforeColumns(question)];
  context.output.table(columns, choose(report.rows), toRow);
  remark(context, report, question.limit);
}

const BEFORE = ['attempts', 'asr', 'minutes'] as const;
const beforeColumns = ({ comparesBefore }: { comparesBefore: boolean }): string[] =>
  comparesBefore ? BEFORE.map((name) => `before_${name}`) : [];

function toRow({ step, by, figures, before }: KpiRow): Record<string, unknown> {
  const old = BEFORE.map((name) => [`before_${name}`, before?.[name] ?? null]);
  return { step, ...by, ...figures, ...Object.fromEntries(old) };
}

function remark(context: CommandContext, { isCut, missing }: KpiReport, limit: number): void {
  if (isCut) context.output.remark(`there are more than ${limit} lines: --limit shows more`);
  remarkMissing(context, missing);
}

function readOnly(text: string): [Dimension, string] {
  const equals = text.indexOf('=');
  if (equals <= 0)
    throw new CodedError('value-refused', `${JSON.stringify(text)} must look like trunk=carrier`);
  return [checkWord('only', text.slice(0, equals), DIMENSIONS), text.slice(equals + 1)];
}
