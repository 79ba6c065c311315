import { toMicroseconds } from '../time.sql.ts';
import type { StoredCall } from './calls.ts';

/** Columns of a call, times in microseconds. */
export const CALL_COLUMNS = `c.id, ${toMicroseconds('c.start_at')} as start_us, ${toMicroseconds('c.answer_at')} as answer_us,
  ${toMicroseconds('c.end_at')} as end_us, c.state, c.revision, c.finished_revision, c.merged_into, c.tenant, c.tenants, c.domain, c.direction,
  c.caller_id_name, c.caller, c.callee, c.did, c.trunk, c.nodes, c.legs, c.duration, c.billsec, c.pdd_ms, c.hangup_cause,
  c.hangup_by, c.disposition, c.answered_by, c.mos, c.recording_paths, c.transfers`;

/** A call as pg gives it: bigints are texts. */
export type CallRow = Omit<StoredCall, 'start_us' | 'answer_us' | 'end_us'> & {
  start_us: string;
  answer_us: string | null;
  end_us: string | null;
};

const toNumber = (text: string | null) => (text === null ? null : Number(text));

export function toCall(row: CallRow): StoredCall {
  return {
    ...row,
    start_us: Number(row.start_us),
    answer_us: toNumber(row.answer_us),
    end_us: toNumber(row.end_us),
  };
}
