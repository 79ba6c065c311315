import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createLastLoss } from '../last-loss.ts';

/** What the PostgreSQL bus counts; the names are those of the Kafka bus where the figure is the same. */
export interface BusMetrics {
  waitingRecords: Gauge;
  waitingBytes: Gauge;
  waitingLimit: Gauge;
  recentBytes: Gauge;
  publishSeconds: Histogram<'topic'>;
  transactionRecords: Histogram<'topic'>;
  published: Counter<'topic'>;
  publishFailures: Counter<'code'>;
  sendRetries: Counter;
  batchRecords: Histogram<'group'>;
  applied: Counter<'group'>;
  applySeconds: Histogram<'group'>;
  applyFailures: Counter<'group'>;
  uncommitted: Counter<'group'>;
  skipped: Counter<'group'>;
  rejoins: Counter<'group'>;
  lagRecords: Gauge<'group' | 'topic'>;
  lagSeconds: Gauge<'group' | 'topic'>;
  storedBytes: Gauge;
  droppedUnread: Counter;
  lastLoss: Gauge<'group'>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const RECORDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** Registers the bus's metrics on the process's registry. */
export function createBusMetrics(registry: Registry): BusMetrics {
  const registers = [registry];
  const named = (name: string, help: string) => ({ name: `switchfleet_bus_${name}`, help, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ ...named(name, help), labelNames });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ ...named(`${name}_total`, help), labelNames });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ ...named(name, help), buckets, labelNames });
  return {
    waitingRecords: gauge('waiting_records', 'Records that wait to be durable'),
    waitingBytes: gauge('waiting_bytes', 'Bytes that wait to be durable'),
    waitingLimit: gauge('waiting_bytes_limit', 'Bytes that may wait to be durable'),
    recentBytes: gauge('recent_bytes', 'Published records kept in memory for readers of the same process'),
    publishSeconds: histogram('publish_seconds', 'Time until a publish was durable', SECONDS, 'topic'),
    transactionRecords: histogram('transaction_records', 'Records of a transaction', RECORDS, 'topic'),
    published: counter('published', 'Records that became durable', 'topic'),
    publishFailures: counter('publish_failures', 'Publishes refused or not durable in time', 'code'),
    sendRetries: counter('send_retries', 'Transactions that were tried again'),
    batchRecords: histogram('batch_records', 'Records of a delivered batch', RECORDS, 'group'),
    applied: counter('applied', 'Records applied and committed', 'group'),
    applySeconds: histogram('apply_seconds', 'Time to apply one batch', SECONDS, 'group'),
    applyFailures: counter('apply_failures', 'Batches that failed and came again', 'group'),
    uncommitted: counter('uncommitted', 'Batches applied but refused as of an old generation', 'group'),
    skipped: counter('skipped', 'Records that were dropped before the group read them', 'group'),
    rejoins: counter('rejoins', 'Times a member joined its group', 'group'),
    lagRecords: gauge('lag_records', 'Records this member has still to apply', 'group', 'topic'),
    lagSeconds: gauge('lag_seconds', 'Age of the oldest of them', 'group', 'topic'),
    storedBytes: gauge('stored_bytes', 'Size of the log on disk'),
    droppedUnread: counter(
      'dropped_unread_partitions',
      'Partitions of a day dropped at a limit before every group had read them',
    ),
    lastLoss: createLastLoss(registry),
  };
}
