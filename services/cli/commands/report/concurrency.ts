import { checkWord } from '../../../../libs/provisioning/value.ts';
import { CURVE_STEPS, checkCurve } from '../../../../libs/reports/curve.ts';
import { readConcurrencyReport } from '../../../../libs/store/report/concurrency-report.ts';
import type { CommandContext } from '../../command-context.ts';
import { readSpan, remarkMissing, type SpanOptions } from './span.ts';

export interface ConcurrencyOptions extends SpanOptions {
  step: string;
  tenant?: string;
  node?: string;
}

/** `switchfleet report concurrency`: the most calls that were up at once, step by step. */
export async function showConcurrency(context: CommandContext, options: ConcurrencyOptions): Promise<void> {
  const { tenant, node } = options;
  const step = checkWord('step', options.step, CURVE_STEPS);
  const span = readSpan(options);
  checkCurve(step, span);
  const { points, missing } = await context.withDatabase(({ read }) =>
    readConcurrencyReport(read, { ...span, step, tenant, node }),
  );
  context.output.table(['step', 'calls'], points, ({ step, calls }) => ({ step, calls }));
  remarkMissing(context, missing);
}
