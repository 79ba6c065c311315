import { byteLengthOf } from '../../postgres/binary-array.ts';
import type { Topic } from '../../records/topics.ts';
import type { Published } from '../published.ts';
import type { Placement } from './placement.ts';
import type { EncodedRecord } from './record.ts';

/** Packs the records of a transaction so that their texts can be handed over to another thread in one piece. */
export function packRecords(
  topic: Topic,
  records: readonly EncodedRecord[],
  placement: Placement,
): Published {
  const texts = new ArrayBuffer(records.reduce((sum, { text }) => sum + byteLengthOf(text), 0));
  const all = Buffer.from(texts);
  let to = 0;
  const packed = records.map(({ key, partition, bytes, text }) => {
    const from = to;
    to += typeof text === 'string' ? all.write(text, from) : text.copy(all, from);
    return { key, partition, bytes, from, to };
  });
  return { topic, placement, records: packed, texts };
}

/** The records that `packRecords` packed. */
export function unpackRecords({ records, texts }: Published): EncodedRecord[] {
  return records.map(({ from, to, ...record }) => ({ ...record, text: Buffer.from(texts, from, to - from) }));
}
