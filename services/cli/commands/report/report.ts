import type { Command } from 'commander';
import { checkInteger, checkWord } from '../../../../libs/provisioning/value.ts';
import { CURVE_STEPS } from '../../../../libs/reports/curve.ts';
import { DIMENSIONS, STEPS } from '../../../../libs/reports/dimension.ts';
import { judgedTrunks } from '../../../../libs/store/report/judged-trunks.ts';
import type { CommandContext } from '../../command-context.ts';
import { collect } from '../entry-options.ts';
import { type ConcurrencyOptions, showConcurrency } from './concurrency.ts';
import { addKpiOptions, type KpiOptions, showKpis } from './kpis.ts';
import { addSpanOptions } from './span.ts';

type ByOptions = KpiOptions & { by?: string[]; step?: string; digits: string };
type DestinationOptions = KpiOptions & { by: string; digits: string; order: string };
type TrunkOptions = KpiOptions & { minSamples: string };

/** `switchfleet report …`: the reports of the api, from the same sums. */
export function defineReportCommand(program: Command, context: CommandContext): void {
  const report = program
    .command('report')
    .description('figures over calls, as docs/reporting.md defines them');
  defineKpis(report, context);
  defineDestinations(report, context);
  addKpiOptions(report.command('hangup-causes').description('why calls ended, the most first')).action(
    (options: KpiOptions) => showKpis(context, options, { by: ['hangup_cause', 'disposition'] }),
  );
  defineTrunks(report, context);
  addSpanOptions(
    report.command('concurrency').description('the most calls that were up at once, step by step'),
  )
    .option('--step <step>', CURVE_STEPS.join(', '), 'hour')
    .option('--tenant <tenant>', 'only its calls')
    .option('--node <node>', 'only calls on this server')
    .action((options: ConcurrencyOptions) => showConcurrency(context, options));
}

function defineKpis(report: Command, context: CommandContext): void {
  addKpiOptions(
    report
      .command('kpis')
      .description('attempts, ASR, ACD, NER, PDD, minutes and MOS, from sums by the hour'),
  )
    .option('--by <dimension>', `${DIMENSIONS.join(', ')}; several times for several`, collect)
    .option('--step <step>', STEPS.join(', '))
    .option('--digits <number>', 'digits of a prefix', '4')
    .action(({ by = [], step, digits, ...options }: ByOptions) =>
      showKpis(context, options, {
        by: by.map((word) => checkWord('by', word, DIMENSIONS)),
        step: step === undefined ? undefined : checkWord('step', step, STEPS),
        digits,
      }),
    );
}

function defineDestinations(report: Command, context: CommandContext): void {
  addKpiOptions(report.command('destinations').description('where outbound calls went, the most first'))
    .option('--by <dimension>', 'country or prefix', 'country')
    .option('--digits <number>', 'digits of a prefix', '4')
    .option('--order <figure>', 'attempts or minutes', 'attempts')
    .action(({ by, digits, order, ...options }: DestinationOptions) =>
      showKpis(context, options, {
        by: [checkWord('by', by, ['country', 'prefix'] as const)],
        digits,
        orderBy: checkWord('order', order, ['attempts', 'minutes'] as const),
      }),
    );
}

function defineTrunks(report: Command, context: CommandContext): void {
  addKpiOptions(report.command('trunks').description('each trunk that had enough calls to judge it by'))
    .option('--min-samples <number>', 'fewer calls, or fewer calls with a MOS, are no figure', '30')
    .action(({ minSamples, ...options }: TrunkOptions) => {
      const least = checkInteger('min-samples', minSamples, { min: 1, max: 1_000_000 });
      return showKpis(context, options, { by: ['trunk'], choose: (rows) => judgedTrunks(rows, least) });
    });
}
