import { TOPICS, type Topic } from '../../records/topics.ts';

/** Our names and those in Kafka, where the namespace stands before them. */
export interface Names {
  readonly topics: readonly string[];
  topic(topic: Topic): string;
  /** @throws TypeError for a name that is no topic of ours */
  fromKafka(name: string): Topic;
  group(group: string): string;
}

/** The names under a namespace (KAFKA_NAMESPACE); as they are without one. */
export function createNames(namespace: string | undefined): Names {
  const prefixed = (name: string) => (namespace === undefined ? name : `${namespace}.${name}`);
  const ours = new Map(Object.values(TOPICS).map((topic) => [prefixed(topic), topic]));
  return {
    topics: [...ours.keys()],
    topic: prefixed,
    group: prefixed,
    fromKafka: (name) => {
      const topic = ours.get(name);
      if (topic === undefined) throw new TypeError(`${name} is no topic of switchfleet`);
      return topic;
    },
  };
}
