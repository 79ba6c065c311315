import type { Topic } from '../../records/topics.ts';
import type { Lag } from '../bus.ts';
import type { AdminLine } from './admin.ts';
import type { Portion } from './portion.ts';
import type { Assignment } from './supervised-consumer.ts';
import type { Names } from './topic-names.ts';

/** What a member knows about itself. */
export interface MemberState {
  groupId: string;
  assignment: Assignment;
  /** next offset by `topic/partition`, of what was committed in this membership */
  committed: ReadonlyMap<string, string>;
  portions: readonly Portion[];
}

/** Since when a partition has been seen behind at one offset; kept between calls. */
export type BehindSince = Map<string, { offset: bigint; sinceMs: number }>;

/** Name of a partition in maps. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/**
 * How far the member is behind in each of its partitions. The age of the oldest record that is not applied comes from
 * the record where it is in hand, else from when it was first seen waiting: Kafka tells nothing of a single record.
 * @throws CodedError `bus-unavailable`
 */
export async function memberLag(
  state: MemberState,
  { admin, names, behindSince }: { admin: AdminLine; names: Names; behindSince: BehindSince },
): Promise<Lag[]> {
  const topics = Object.keys(state.assignment);
  const starts = await groupOffsets(admin, state.groupId, topics);
  const lags = topics.map(async (name) => {
    const ends = await admin.ask('read the ends of a topic', (line) => line.fetchTopicOffsets(name));
    return ends.flatMap(({ partition, high, low }) => {
      if (!state.assignment[name]?.includes(partition)) return [];
      const key = partitionKey(name, partition);
      const next = BigInt(state.committed.get(key) ?? starts.get(key) ?? low);
      const records = Number(BigInt(high) - (next < BigInt(low) ? BigInt(low) : next));
      const seconds = records > 0 ? ageSeconds(state, behindSince, key, next) : 0;
      if (records <= 0) behindSince.delete(key);
      return [lagOf(names.fromKafka(name), partition, records, seconds)];
    });
  });
  return (await Promise.all(lags)).flat();
}

function lagOf(topic: Topic, partition: number, records: number, seconds: number): Lag {
  return { topic, partition, records: Math.max(0, records), seconds };
}

async function groupOffsets(
  admin: AdminLine,
  groupId: string,
  topics: string[],
): Promise<Map<string, string>> {
  if (topics.length === 0) return new Map();
  const answer = await admin.ask('read the offsets of a group', (line) =>
    line.fetchOffsets({ groupId, topics }),
  );
  const known = answer.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => BigInt(offset) >= 0n)
      .map(({ partition, offset }) => [partitionKey(topic, partition), offset] as const),
  );
  return new Map(known);
}

function ageSeconds(state: MemberState, behindSince: BehindSince, key: string, next: bigint): number {
  const nowMs = performance.timeOrigin + performance.now();
  const inHand = state.portions.find(
    ({ payload: { batch } }) => partitionKey(batch.topic, batch.partition) === key,
  );
  const message = inHand?.payload.batch.messages[inHand.next];
  const seen = behindSince.get(key);
  const sinceMs = seen?.offset === next ? seen.sinceMs : nowMs;
  behindSince.set(key, { offset: next, sinceMs });
  const oldestMs = message === undefined ? sinceMs : Number(message.timestamp);
  return Math.max(0.001, (nowMs - oldestMs) / 1_000);
}
