import type { Topic } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { MergerMetrics } from './merger-metrics.ts';

/** Notes a record that cannot be stored, so that the rest of its batch can be: it stays in the bus for a while. */
export type LeaveOut = (record: { node: string }, error: unknown) => Promise<void>;

/** Makes what notes records of one topic: counts and logs them. */
export function createLeaveOut({ metrics, logger }: { metrics: MergerMetrics; logger: Logger }) {
  return (topic: Topic): LeaveOut =>
    async ({ node }, error) => {
      metrics.records.inc({ topic, outcome: 'unstorable' });
      logger.error({ err: error, topic, node }, 'a record cannot be stored and is left out');
    };
}
