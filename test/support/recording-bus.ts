import type { Bus, BusRecord, FollowOptions } from '../../libs/bus/bus.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import type { Topic } from '../../libs/records/topics.ts';

export interface RecordingBus extends Bus {
  /** all that was published, oldest first */
  readonly published: { topic: Topic; key: string; value: unknown }[];
  /** while true every publish is refused with `bus-unavailable` */
  isAway: boolean;
  /** the values of one topic */
  values<T>(topic: Topic): T[];
}

/** A bus for publishers under test: it remembers what it was given, and can be away. */
export function recordingBus(): RecordingBus {
  const published: RecordingBus['published'] = [];
  const followers = new Set<FollowOptions>();
  const bus: RecordingBus = {
    kind: 'postgres',
    published,
    isAway: false,
    values: <T>(topic: Topic) =>
      published.filter((record) => record.topic === topic).map(({ value }) => value as T),
    publish: async (topic: Topic, records: readonly BusRecord[]) => {
      if (bus.isAway) throw new CodedError('bus-unavailable', 'the bus of this test is away');
      // as a real one: what is published later changes nothing
      const taken = records.map((record) => ({ topic, ...structuredClone(record) }));
      published.push(...taken);
      for (const { topics, onRecords } of followers) {
        if (topics.includes(topic))
          onRecords(
            taken.map((record, at) => ({ ...record, partition: 0, offset: String(at), publishedUs: 0 })),
          );
      }
    },
    subscribe: () => Promise.reject(new Error('nobody subscribes to a recording bus')),
    follow: async (options) => {
      followers.add(options);
      return { stop: async () => void followers.delete(options), lag: async () => [] };
    },
    check: async () => undefined,
    close: async () => undefined,
  };
  return bus;
}
