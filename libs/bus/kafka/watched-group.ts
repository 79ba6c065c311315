import type { Topic } from '../../records/topics.ts';
import type { Lag } from '../bus.ts';
import type { AdminLine } from './admin.ts';
import { partitionKey } from './group-lag.ts';
import type { Names } from './topic-names.ts';

/** A partition's end at a moment that we looked. */
interface Sample {
  atMs: number;
  high: bigint;
}

/** Looks that are remembered of a partition; when there are more, every second one is forgotten. */
const SAMPLES = 512;

/**
 * How far groups are behind, seen from outside: also of a group whose members are all gone. Kafka does not tell when a
 * record came, so its age counts from the first look at which it was there: younger than the truth by the time between
 * two looks at the most.
 */
export function createGroupWatch({ admin, names }: { admin: AdminLine; names: Names }) {
  const seen = new Map<string, Sample[]>();

  async function lagOf(group: string, topic: Topic, nowMs: number): Promise<Lag[]> {
    const name = names.topic(topic);
    const [ends, committed] = await Promise.all([
      admin.ask('read the ends of a topic', (line) => line.fetchTopicOffsets(name)),
      admin.ask('read the offsets of a group', (line) =>
        line.fetchOffsets({ groupId: names.group(group), topics: [name] }),
      ),
    ]);
    const offsets = new Map(
      committed.flatMap(({ partitions }) => partitions).map((at) => [at.partition, at]),
    );
    return ends.map(({ partition, high, low }) => {
      const offset = BigInt(offsets.get(partition)?.offset ?? -1);
      const next = offset < BigInt(low) ? BigInt(low) : offset;
      const samples = remember(`${group} ${partitionKey(name, partition)}`, next, {
        atMs: nowMs,
        high: BigInt(high),
      });
      const records = Number(BigInt(high) - next);
      const oldestMs = samples[0]?.atMs ?? nowMs;
      return { topic, partition, records, seconds: records > 0 ? Math.max(1, nowMs - oldestMs) / 1000 : 0 };
    });
  }

  /** Keeps the looks at which there was more than the group has applied by now, the oldest first. */
  function remember(key: string, next: bigint, sample: Sample): Sample[] {
    const before = (seen.get(key) ?? []).filter(({ high }) => high > next);
    const isNew = sample.high > next && before.at(-1)?.high !== sample.high;
    const samples = thinned(isNew ? [...before, sample] : before);
    seen.set(key, samples);
    return samples;
  }

  return async (group: string, topics: readonly Topic[]): Promise<Lag[]> => {
    const nowMs = performance.now();
    return (await Promise.all(topics.map((topic) => lagOf(group, topic, nowMs)))).flat();
  };
}

/** The oldest one stays: it is the one that counts. */
function thinned(samples: Sample[]): Sample[] {
  return samples.length <= SAMPLES ? samples : samples.filter((_, index) => index % 2 === 0);
}
