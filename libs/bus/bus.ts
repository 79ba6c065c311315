import type { Topic } from '../records/topics.ts';
import type { Published } from './published.ts';

/** What is published: records of one key keep their order. `value` becomes JSON. */
export interface BusRecord {
  key: string;
  value: unknown;
}

/**
 * What a subscriber gets: `value` is the parsed JSON, which other subscribers of this process may be given as well, so it is
 * never to be changed; partition and offset (a decimal string) say where it stood.
 */
export interface DeliveredRecord {
  topic: Topic;
  key: string;
  value: unknown;
  partition: number;
  offset: string;
  /** when the bus took it, microseconds since 1970 */
  publishedUs: number;
}

/** Applies one batch, in order within a key. When it resolves the batch is committed; when it rejects the batch comes again. */
export type BatchHandler = (batch: DeliveredRecord[]) => Promise<void>;

export interface SubscribeOptions {
  topics: readonly Topic[];
  /** consumer group: its members share the work, each partition having one owner at a time */
  group: string;
  onBatch: BatchHandler;
  /** upper bound of records a batch (default 1,000) */
  maxBatchRecords?: number;
  /** upper bound of a batch's bytes (default 768 KiB); a larger record travels alone */
  maxBatchBytes?: number;
  /** how long records may be held back so that fewer and larger batches come, milliseconds (default 0: none is) */
  gatherMs?: number;
}

export interface FollowOptions {
  topics: readonly Topic[];
  /** called for every record of the topics, from now on, in every instance that follows; nothing is committed */
  onRecords: (records: DeliveredRecord[]) => void;
}

/** How far a group is behind, by topic and partition. */
export interface Lag {
  topic: Topic;
  partition: number;
  records: number;
  /** age of the oldest record that is not yet applied, in seconds; 0 when there is none */
  seconds: number;
}

export interface Subscription {
  /** Finishes the batch in hand, commits it, gives up the partitions, and resolves. */
  stop(): Promise<void>;
  /** Lag of what this member owns. */
  lag(): Promise<Lag[]>;
}

/** What a service needs that only publishes. */
export interface PublishingBus {
  readonly kind: 'kafka' | 'postgres';
  /**
   * Resolves when all records are durable (Kafka acks=all; PostgreSQL commit).
   * @throws CodedError `bus-unavailable` (not durable within the time limit, may be published again), `bus-overloaded`
   *   (the bound of what may wait is reached), `record-too-large` (over 24 MiB) and `record-unwritable` (not JSON): the other records of the call were published
   */
  publish(topic: Topic, records: readonly BusRecord[]): Promise<void>;
  /**
   * Says that a record of a topic will be published in a moment, where the transport can make use of it: under load a request waits for
   * it, some milliseconds at most. What it returns is to be called (once or more) when the record is published, or will not be.
   */
  announce?(topic: Topic): () => void;
  /** Resolves when the bus answers and takes these topics (all by default); rejects with `bus-unavailable` else. For readiness. */
  check(topics?: readonly Topic[]): Promise<void>;
  /** Publishes what is pending, stops every subscription and disconnects. */
  close(): Promise<void>;
}

/** The one durable log between the services: Kafka in fleet mode, PostgreSQL in standalone. */
export interface Bus extends PublishingBus {
  /** Joins a group and delivers at least once, committing only after `onBatch` resolved. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Delivers everything from now on to this instance alone, without a group (load, live). */
  follow(options: FollowOptions): Promise<Subscription>;
  /** How far a group is behind, also one without members; only where the transport can tell. @throws CodedError `bus-unavailable` */
  groupLag?(group: string, topics: readonly Topic[]): Promise<Lag[]>;
  /** Gives what another thread of this process published to the readers of this one, where they else would have to fetch it. */
  takeOver?(published: Published): void;
}
