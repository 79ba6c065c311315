import type { Bus, DeliveredRecord } from '../../../libs/bus/bus.ts';
import { until as waitUntil } from '../../support/until.ts';

/** Polls until `condition` holds. @throws Error that says what did not happen in time */
export function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  return waitUntil(what, condition, timeoutMs);
}

/** Collects what a subscription delivers, of keys that begin with `prefix` (a Kafka topic is shared by tests). */
export interface Recorder {
  readonly batches: DeliveredRecord[][];
  readonly records: DeliveredRecord[];
  readonly keys: string[];
  readonly onBatch: (batch: DeliveredRecord[]) => Promise<void>;
}

/** A recorder; `before` runs for each batch of the test first and may throw or wait, as a consumer that applies would. */
export function createRecorder(
  prefix: string,
  before: (batch: DeliveredRecord[]) => Promise<void> = async () => undefined,
): Recorder {
  const batches: DeliveredRecord[][] = [];
  return {
    batches,
    get records() {
      return batches.flat();
    },
    get keys() {
      return batches.flat().map((record) => record.key);
    },
    onBatch: async (batch) => {
      const mine = batch.filter((record) => record.key.startsWith(prefix));
      if (mine.length === 0) return;
      await before(mine);
      batches.push(mine);
    },
  };
}

/** Publishes one small record for each key. */
export async function publishKeys(
  bus: Bus,
  topic: Parameters<Bus['publish']>[0],
  keys: string[],
): Promise<void> {
  await bus.publish(
    topic,
    keys.map((key) => ({ key, value: { key } })),
  );
}
