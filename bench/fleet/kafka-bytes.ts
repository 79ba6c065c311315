import { glob, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

const RUNS = resolve(import.meta.dirname, '../../.cache/kafka/runs');

/** Bytes of the logs of each topic of a namespace, without their indexes; 0 topics where the broker keeps its data elsewhere. */
export async function kafkaBytes(namespace: string): Promise<Map<string, number>> {
  const topics = new Map<string, number>();
  for await (const file of glob(`${RUNS}/**/${namespace}.*/*.log`)) {
    const topic = /\.(switchfleet\.[a-z-]+)-\d+\/\d+\.log$/.exec(file)?.[1];
    if (topic === undefined) continue;
    topics.set(topic, (topics.get(topic) ?? 0) + (await stat(file)).size);
  }
  return topics;
}
