import type { Topic } from '../../records/topics.ts';
import { inOnePiece } from '../one-piece.ts';
import type { Published } from '../published.ts';
import type { Placement } from './placement.ts';
import type { EncodedRecord } from './record.ts';

/** Packs the records of a transaction so that their texts can be handed over to another thread in one piece. */
export function packRecords(
  topic: Topic,
  records: readonly EncodedRecord[],
  placement: Placement,
): Published {
  const texts: Buffer[] = [];
  let to = 0;
  const packed = records.map(({ key, partition, bytes, text }) => {
    const from = to;
    const utf8 = typeof text === 'string' ? Buffer.from(text) : text;
    texts.push(utf8);
    to += utf8.length;
    return { key, partition, bytes, from, to };
  });
  return { topic, placement, records: packed, texts: inOnePiece(texts) };
}

/** The records that `packRecords` packed. */
export function unpackRecords({ records, texts }: Published): EncodedRecord[] {
  return records.map(({ from, to, ...record }) => ({ ...record, text: Buffer.from(texts, from, to - from) }));
}
