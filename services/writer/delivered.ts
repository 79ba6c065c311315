import { Compile } from 'typebox/compile';
import type { DeliveredRecord } from '../../libs/bus/bus.ts';
import { CdrRecord } from '../../libs/records/cdr-record.ts';
import { CdrReject } from '../../libs/records/cdr-reject.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { RejectRow } from '../../libs/store/reject.sql.ts';
import { type LegDocument, toLegDocument } from './leg-documents.ts';
import { toRejectRow, unreadableRow } from './rejects.ts';

/** A batch of the bus, read: CDRs, and rows for what is set aside. */
export interface Delivered {
  documents: LegDocument[];
  rejects: RejectRow[];
}

/** Compiles the checks of records once. What is no record of its topic becomes a reject row, never an error. */
export function createReader(): (batch: readonly DeliveredRecord[]) => Delivered {
  const cdr = Compile(CdrRecord);
  const reject = Compile(CdrReject);
  return (batch) => {
    const delivered: Delivered = { documents: [], rejects: [] };
    for (const { topic, key, value, publishedUs } of batch) {
      if (topic === TOPICS.cdrs && cdr.Check(value)) delivered.documents.push(toLegDocument(value));
      else if (topic === TOPICS.cdrRejects && reject.Check(value)) delivered.rejects.push(toRejectRow(value));
      else delivered.rejects.push(unreadableRow(value, key, publishedUs));
    }
    return delivered;
  };
}
