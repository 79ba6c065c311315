import { checkWord } from '../../../../libs/provisioning/value.ts';
import { CURVE_STEPS, checkCurve } from '../../../../libs/reports/curve.ts';
import { readConcurrency } from '../../../../libs/store/report/concurrency.sql.ts';
import { findMissingDays } from '../../../../libs/store/report/coverage.sql.ts';
import { resolvePeriod } from '../../../../libs/store/report/period.sql.ts';
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
  const { points, missing } = await context.withDatabase(async ({ read }) => {
    const { fromUs, toUs } = await resolvePeriod(read, span);
    const points = await readConcurrency(read, { ...span, fromUs, toUs, step, tenant, node });
    return { points, missing: await findMissingDays(read, { grouping: 'traffic', fromUs, toUs }) };
  });
  context.output.table(['step', 'calls'], points, ({ step, calls }) => ({ step, calls }));
  remarkMissing(context, missing);
}
