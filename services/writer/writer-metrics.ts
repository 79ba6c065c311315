import { Counter, Histogram, type Registry } from 'prom-client';

export type WriterMetrics = ReturnType<typeof createWriterMetrics>;

export function createWriterMetrics(metrics: Registry) {
  const registers = [metrics];
  return {
    rows: new Counter({
      name: 'switchfleet_writer_rows_total',
      help: 'Rows stored or changed, by table; a CDR that came again changes none',
      labelNames: ['table'] as const,
      registers,
    }),
    records: new Counter({
      name: 'switchfleet_writer_records_total',
      help: 'Records taken from the bus, by what became of them',
      labelNames: ['outcome'] as const,
      registers,
    }),
    expired: new Counter({
      name: 'switchfleet_writer_expired_total',
      help: 'CDRs and documents that were past their retention when they came, and were not stored, by table',
      labelNames: ['table'] as const,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'switchfleet_writer_batch_seconds',
      help: 'Time to store one batch',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    retries: new Counter({
      name: 'switchfleet_writer_transaction_retries_total',
      help: 'Transactions run again after a deadlock, a serialization failure, or beside a partition that was being made',
      registers,
    }),
  };
}
