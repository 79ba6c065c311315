import { Counter, Histogram, type Registry } from 'prom-client';
import { createCallFigures } from './call-figures.ts';

export type MergerMetrics = ReturnType<typeof createMergerMetrics>;

export function createMergerMetrics(metrics: Registry) {
  const registers = [metrics];
  return {
    countCalls: createCallFigures(metrics),
    records: new Counter({
      name: 'switchfleet_merger_records_total',
      help: 'Records taken from the bus, by topic and by what became of them',
      labelNames: ['topic', 'outcome'] as const,
      registers,
    }),
    legs: new Counter({
      name: 'switchfleet_merger_legs_total',
      help: 'Legs that were folded',
      registers,
    }),
    calls: new Counter({
      name: 'switchfleet_merger_calls_total',
      help: 'Calls by what happened to them: written, superseded, finished, published',
      labelNames: ['what'] as const,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'switchfleet_merger_batch_seconds',
      help: 'Time to apply one batch',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    retries: new Counter({
      name: 'switchfleet_merger_transaction_retries_total',
      help: 'Transactions run again after a deadlock or a serialization failure: the lock order should keep this at zero',
      registers,
    }),
    rootRetries: new Counter({
      name: 'switchfleet_merger_root_retries_total',
      help: 'Times that roots of calls had been merged before they were locked',
      registers,
    }),
    tooLarge: new Counter({
      name: 'switchfleet_merger_components_too_large_total',
      help: 'Times that more legs were connected than may be followed: further ones make calls of their own',
      registers,
    }),
    compacted: new Counter({
      name: 'switchfleet_merger_rollup_rows_compacted_total',
      help: 'Rows of differences that were moved into the sums that reports read',
      registers,
    }),
    failures: new Counter({
      name: 'switchfleet_merger_task_failures_total',
      help: 'Failed runs of what is done at intervals, by task; each is tried again',
      labelNames: ['task'] as const,
      registers,
    }),
  };
}
