import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { createLastLoss } from '../last-loss.ts';

/** What the Kafka bus counts. */
export interface KafkaMetrics {
  waitingRecords: Gauge;
  waitingBytes: Gauge;
  waitingLimit: Gauge;
  publishSeconds: Histogram<'topic'>;
  published: Counter<'topic'>;
  publishFailures: Counter<'code'>;
  requests: Counter;
  sendRetries: Counter;
  applied: Counter<'group'>;
  applySeconds: Histogram<'group'>;
  applyFailures: Counter<'group'>;
  uncommitted: Counter<'group'>;
  unreadable: Counter<'topic'>;
  lastLoss: Gauge<'group'>;
  rejoins: Counter<'group'>;
  restarts: Counter<'group'>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the bus's metrics on the process's registry. */
export function createKafkaMetrics(registry: Registry): KafkaMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `switchfleet_bus_${name}`, help, registers });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `switchfleet_bus_${name}_total`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Histogram({
      name: `switchfleet_bus_${name}_seconds`,
      help,
      labelNames,
      buckets: SECONDS,
      registers,
    });
  return {
    waitingRecords: gauge('waiting_records', 'Records that wait to be durable'),
    waitingBytes: gauge('waiting_bytes', 'Bytes that wait to be durable'),
    waitingLimit: gauge('waiting_bytes_limit', 'Bytes that may wait to be durable'),
    publishSeconds: histogram('publish', 'Time until a publish was durable', 'topic'),
    published: counter('published', 'Records that became durable', 'topic'),
    publishFailures: counter('publish_failures', 'Publishes refused or not durable in time', 'code'),
    requests: counter('requests', 'Requests sent, each with the records that waited for it'),
    sendRetries: counter('send_retries', 'Requests sent again with a new producer'),
    applied: counter('applied', 'Records applied and committed', 'group'),
    applySeconds: histogram('apply', 'Time to apply one batch', 'group'),
    applyFailures: counter('apply_failures', 'Batches that failed and came again', 'group'),
    uncommitted: counter('uncommitted', 'Batches applied but refused as of an old generation', 'group'),
    unreadable: counter('unreadable', 'Records skipped because they are not JSON', 'topic'),
    lastLoss: createLastLoss(registry),
    rejoins: counter('rejoins', 'Times a member joined its group', 'group'),
    restarts: counter('restarts', 'Times a consumer was started again after a crash', 'group'),
  };
}
