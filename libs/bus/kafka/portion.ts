import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
/** What one fetch brought of one partition, on its way through the handler. */
export interface Portion {
  readonly payload: EachBatchPayload;
  /** number of the membership it was fetched under: a later one means that others may own the partition now */
  readonly generation: number;
  /** index of the first message that was not applied yet */
  next: number;
  /** Tells kafkajs that it is through with this portion, or why not. */
  settle(error?: unknown): void;
}

/** Consecutive messages of one portion, up to `end` (exclusive). */
export interface Slice {
  readonly portion: Portion;
  readonly messages: readonly KafkaMessage[];
  readonly end: number;
}

/** Bytes of a message's key and value. */
export function messageBytes({ key, value }: KafkaMessage): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}

/** What a batch may hold. */
export interface BatchLimits {
  maxRecords: number;
  maxBytes: number;
}

/**
 * The next batch, from the portions in turn: at most `maxRecords` and `maxBytes`, or one larger record alone.
 * Small portions of many partitions become one batch, which is what databases like.
 */
export function cutBatch(portions: readonly Portion[], { maxRecords, maxBytes }: BatchLimits): Slice[] {
  const slices: Slice[] = [];
  let records = 0;
  let bytes = 0;
  for (const portion of portions) {
    const { messages } = portion.payload.batch;
    let end = portion.next;
    for (; end < messages.length && records < maxRecords; end += 1, records += 1) {
      const message = messages[end];
      const size = message === undefined ? 0 : messageBytes(message);
      if (records > 0 && bytes + size > maxBytes) break;
      bytes += size;
    }
    if (end > portion.next) slices.push({ portion, messages: messages.slice(portion.next, end), end });
    if (end < messages.length) break;
  }
  return slices;
}

/** Offset that the group continues from after the slice: behind whatever Kafka holds after its last message, too. */
export function offsetAfter({ portion, end }: Slice): string {
  const { batch } = portion.payload;
  const last = end === batch.messages.length ? batch.lastOffset() : batch.messages[end - 1]?.offset;
  return (BigInt(last ?? batch.lastOffset()) + 1n).toString();
}
