import type { MergerMetrics } from './merger-metrics.ts';
import type { Surroundings } from './surroundings.ts';

/** What applying a batch needs to know: the moment, and how long a call and a lost node are waited for. */
export interface ApplyOptions {
  surroundings: Surroundings;
  metrics: MergerMetrics;
  nowUs: number;
  graceMs: number;
  nodeLostMs: number;
}
