import type { Topic } from '../records/topics.ts';
import type { Placement } from './postgres/placement.ts';

/** One committed transaction, on its way from the thread that published it to the one whose readers want it. */
export interface Published {
  topic: Topic;
  placement: Placement;
  /** in the order of the transaction; from and to say where the JSON of each stands in `texts` */
  records: PublishedRecord[];
  texts: ArrayBuffer;
}

export interface PublishedRecord {
  key: string;
  partition: number;
  /** of key and value */
  bytes: number;
  from: number;
  to: number;
}
