import type { Logger } from './logger.ts';

export interface SummedWarningOptions {
  logger: Logger;
  message: string;
  /** time between two lines at the least, milliseconds (default a minute) */
  everyMs?: number;
}

/**
 * A warning of what may happen with every record: its counts are summed up, and written once in a while. Gives what takes
 * counts by name, and fields of the line that is written now; counts of nothing say nothing.
 */
export function createSummedWarning({ logger, message, everyMs = 60_000 }: SummedWarningOptions) {
  const sums = new Map<string, number>();
  let writtenMs = Number.NEGATIVE_INFINITY;
  return (counts: Readonly<Record<string, number>>, fields: object = {}): void => {
    for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
    const isNothing = [...sums.values()].every((sum) => sum === 0);
    if (isNothing || performance.now() - writtenMs < everyMs) return;
    writtenMs = performance.now();
    logger.warn({ ...Object.fromEntries(sums), ...fields }, message);
    sums.clear();
  };
}
