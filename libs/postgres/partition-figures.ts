import { Counter, Gauge, type Registry } from 'prom-client';

/** What a keeper tells of its tables. */
export interface PartitionFigures {
  strays: Gauge<'table'>;
  coveredUntil: Gauge<'table'>;
  moved: Counter<'table'>;
  dropped: Counter<'table'>;
  failures: Counter<'table'>;
  busy: Counter<'table'>;
}

/** Several keepers of one process share the metrics of its registry. */
export function createPartitionFigures(metrics: Registry): PartitionFigures {
  const registers = [metrics];
  const labelNames = ['table'] as const;
  const counter = (part: string, help: string) => {
    const name = `switchfleet_partition_${part}_total`;
    const known = metrics.getSingleMetric(name);
    return known instanceof Counter ? known : new Counter({ name, help, labelNames, registers });
  };
  const gauge = (part: string, help: string) => {
    const name = `switchfleet_partition_${part}`;
    const known = metrics.getSingleMetric(name);
    return known instanceof Gauge ? known : new Gauge({ name, help, labelNames, registers });
  };
  return {
    strays: gauge('stray_rows', 'Rows in the default partition'),
    coveredUntil: gauge(
      'covered_until_timestamp_seconds',
      'Until when there is a partition for every moment from now on, seconds since 1970',
    ),
    moved: counter('moved_rows', 'Rows moved out of the default partition'),
    dropped: counter('dropped', 'Partitions dropped by retention'),
    failures: counter('failures', 'Work that failed and is tried again at the next run'),
    busy: counter('busy', 'Work left to the next run because somebody else held the table for too long'),
  };
}
