import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FeedState } from './held-snapshot.ts';

/** What a feed counts. */
export interface FeedMetrics {
  changes: Counter;
  loads: Counter<'source'>;
  failures: Counter;
  loadSeconds: Histogram;
}

/** Registers the figures of the feed; `state` is asked when somebody looks. */
export function createFeedMetrics(metrics: Registry, state: () => FeedState): FeedMetrics {
  const registers = [metrics];
  new Gauge({
    name: 'switchfleet_snapshot_age_seconds',
    help: 'Time since the snapshot was known to hold every committed change; -1 before the first',
    registers,
    collect() {
      const { ageMs } = state();
      this.set(Number.isFinite(ageMs) ? ageMs / 1000 : -1);
    },
  });
  new Gauge({
    name: 'switchfleet_snapshot_revision',
    help: 'Revision of the configuration that is answered from',
    registers,
    collect() {
      this.set(state().revision);
    },
  });
  return {
    changes: new Counter({
      name: 'switchfleet_snapshot_changes_total',
      help: 'Changes of the configuration applied',
      registers,
    }),
    loads: new Counter({
      name: 'switchfleet_snapshot_loads_total',
      help: 'Full loads of the snapshot, by where it came from',
      labelNames: ['source'],
      registers,
    }),
    failures: new Counter({
      name: 'switchfleet_snapshot_failures_total',
      help: 'Reads of the change log, loads and disk writes that failed',
      registers,
    }),
    loadSeconds: new Histogram({
      name: 'switchfleet_snapshot_load_seconds',
      help: 'Time that a full load took',
      buckets: [0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
  };
}
