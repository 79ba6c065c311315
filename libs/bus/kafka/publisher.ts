import { CodedError, codeOf, messageOf } from '../../errors/coded-error.ts';
import type { Topic } from '../../records/topics.ts';
import type { BusRecord } from '../bus.ts';
import { JsonBytes } from '../json-bytes.ts';
import { createLane, type Lane, type LaneOptions, tooLarge } from './lane.ts';
import { RECORD_BYTES, WAITING_BYTES } from './limits.ts';
import type { OutgoingRecord, Room } from './outbox.ts';
import type { Sender } from './producer.ts';
import { unavailable } from './time-limit.ts';

/** The publishing half of the bus. */
export interface Publisher {
  publish(topic: Topic, records: readonly BusRecord[]): Promise<void>;
  /** See `Bus.announce`. */
  announce(topic: Topic): () => void;
  /** Connects for these topics, by default for those that something was published to. @throws whatever kafkajs throws, or `bus-unavailable` */
  open(topics?: readonly Topic[]): Promise<void>;
  /** Refuses further records and resolves when those that wait are settled. */
  close(): Promise<void>;
}

interface PublisherOptions extends Omit<LaneOptions, 'sender' | 'room'> {
  /** a connection of its own for each topic: what ends one topic's leaves the others alone */
  openSender(): Sender;
}

/**
 * Makes the publisher. Each topic has a lane: one that Kafka refuses (somebody removed it, or took the right to write to it) would
 * hold up the others as long as somebody waits for its records.
 */
export function createPublisher({ openSender, ...options }: PublisherOptions): Publisher {
  const { metrics } = options;
  const room: Room = { records: 0, bytes: 0 };
  const lanes = new Map<Topic, Lane>();
  metrics.waitingLimit.set(WAITING_BYTES);
  let isClosed = false;

  function laneOf(topic: Topic): Lane {
    const lane = lanes.get(topic) ?? createLane({ ...options, sender: openSender(), room });
    lanes.set(topic, lane);
    return lane;
  }

  async function publish(topic: Topic, records: readonly BusRecord[]): Promise<void> {
    if (isClosed) throw unavailable('the bus is closed');
    const { encoded, failure } = encodeAll(topic, records);
    const fitting = encoded.filter(({ bytes }) => bytes <= RECORD_BYTES);
    const stop = metrics.publishSeconds.startTimer({ topic });
    try {
      if (fitting.length > 0) await laneOf(topic).send(fitting);
      metrics.published.inc({ topic }, fitting.length);
      refuseTooLarge(encoded);
      if (failure !== undefined) throw failure;
    } catch (error) {
      metrics.publishFailures.inc({ code: codeOf(error) });
      throw error;
    } finally {
      stop();
    }
  }

  return {
    publish,
    announce: (topic) => laneOf(topic).announce(),
    open: async (topics = [...lanes.keys()]) => {
      if (!isClosed) await Promise.all(topics.map((topic) => laneOf(topic).open()));
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
    },
  };
}

/** What can be written, and why the first of the rest cannot: that one must not sink the others. */
function encodeAll(topic: Topic, records: readonly BusRecord[]) {
  const encoded: OutgoingRecord[] = [];
  let failure: CodedError | undefined;
  for (const record of records) {
    try {
      encoded.push(encode(topic, record));
    } catch (error) {
      const message = `a record cannot be written as JSON: ${messageOf(error)}`;
      failure ??= new CodedError('record-unwritable', message);
    }
  }
  return { encoded, failure };
}

function encode(topic: Topic, { key, value }: BusRecord): OutgoingRecord {
  const encoded = value instanceof JsonBytes ? value.bytes : Buffer.from(JSON.stringify(value) ?? 'null');
  return { topic, key, value: encoded, bytes: encoded.length + Buffer.byteLength(key) };
}

function refuseTooLarge(records: readonly OutgoingRecord[]): void {
  const keys = records.filter(({ bytes }) => bytes > RECORD_BYTES).map(({ key }) => key);
  if (keys.length > 0) throw tooLarge(keys);
}
