import { type Finding, findings, type Gathered } from './check.ts';

/** A topic as Kafka has it. */
export interface TopicFacts {
  name: string;
  partitions: number;
  /** fewest replicas of a partition, and fewest that are in sync */
  replicas: number;
  inSync: number;
  minInSync: number;
  maxMessageBytes: number;
  /** whether writer or merger must have all of it */
  isHeld: boolean;
  /** Kafka keeps only the last record of each key */
  isCompacted: boolean;
  /** how long Kafka keeps a record, milliseconds; -1 for ever */
  retentionMs: number;
}

export interface KafkaFacts {
  brokers: number;
  topics: readonly TopicFacts[];
  /** topics of ours that are not there */
  missing: readonly string[];
  /** the largest record that we publish */
  recordBytes: number;
}

/** Writer and merger may be away for a night. */
const SHORTEST_MS = 86_400_000;

/** Judges Kafka; undefined: the bus is in PostgreSQL. */
export function checkKafka(gathered: Gathered<KafkaFacts> | undefined): Finding[] {
  const { found, ok, warning, failed } = findings('kafka');
  if (gathered === undefined) return found;
  if ('problem' in gathered) {
    failed(
      gathered.problem,
      'are the brokers up, is KAFKA_BROKERS right, do their advertised listeners reach us?',
    );
    return found;
  }
  const { brokers, topics, missing, recordBytes } = gathered.value;
  ok(`${brokers} brokers`);
  if (missing.length > 0)
    failed(`has no topic ${missing.join(', ')}`, 'start a service: it makes them (it needs the right to)');
  const few = topics.filter(({ replicas }) => replicas < 2);
  if (few.length > 0)
    warning(
      `one replica only: ${name(few)}`,
      'a broker that dies takes records along: KAFKA_REPLICATION=3 before the topics are made, or reassign them',
    );
  const risky = topics.filter(({ replicas, minInSync }) => replicas > 2 && minInSync < 2);
  if (risky.length > 0)
    failed(`min.insync.replicas is 1: ${name(risky)}`, 'set it to 2, else «durable» means one broker');
  const stuck = topics.filter(({ inSync, minInSync }) => inSync < minInSync);
  if (stuck.length > 0)
    failed(`too few replicas in sync to be written: ${name(stuck)}`, 'start the brokers that are away');
  const small = topics.filter(
    ({ name: topic, maxMessageBytes }) => /cdr/.test(topic) && maxMessageBytes < recordBytes,
  );
  if (small.length > 0) failed(`max.message.bytes is too small: ${name(small)}`, `set it to ${recordBytes}`);
  judgeKeeping(topics, { warning, failed });
  if (found.length === 1) ok(`${topics.length} topics are as they should be`);
  return found;
}

/** A topic that was there before us keeps what its own settings say. */
function judgeKeeping(
  topics: readonly TopicFacts[],
  { warning, failed }: Pick<ReturnType<typeof findings>, 'warning' | 'failed'>,
): void {
  const held = topics.filter(({ isHeld }) => isHeld);
  const compacted = held.filter(({ isCompacted }) => isCompacted);
  if (compacted.length > 0)
    failed(
      `cleanup.policy is compact: ${name(compacted)}`,
      'set it to delete: of each leg or node Kafka keeps the last record only, and who is behind loses the others',
    );
  const brief = held.filter(({ retentionMs }) => retentionMs >= 0 && retentionMs < SHORTEST_MS);
  if (brief.length > 0)
    warning(
      `kept for less than a day: ${name(brief)}`,
      'raise retention.ms: what a writer or merger has not applied by then is lost',
    );
}

function name(topics: readonly TopicFacts[]): string {
  return topics.map((topic) => topic.name).join(', ');
}
