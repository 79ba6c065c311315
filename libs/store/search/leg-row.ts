import { toMicroseconds } from '../time.sql.ts';
import type { StoredLeg } from './calls.ts';

/** Columns of a leg, times in microseconds. */
export const LEG_COLUMNS = `l.uuid, l.call_id, l.node, l.core_uuid, l.direction, l.state, ${toMicroseconds('l.start_at')} as start_us,
  ${toMicroseconds('l.progress_at')} as progress_us, ${toMicroseconds('l.answer_at')} as answer_us,
  ${toMicroseconds('l.end_at')} as end_us, l.caller_id_name, l.caller_id_number, l.destination_number, l.domain, l.tenant, l.trunk,
  l.originator, l.sip_call_id, l.accountcode, l.ended_by, l.duration, l.billsec, l.hangup_cause, l.sip_status, l.mos,
  l.recording_paths, l.is_interrupted`;

/** A leg as pg gives it: bigints are texts. */
export type LegRow = Omit<StoredLeg, 'start_us' | 'progress_us' | 'answer_us' | 'end_us'> & {
  start_us: string;
  progress_us: string | null;
  answer_us: string | null;
  end_us: string | null;
};

const toNumber = (text: string | null) => (text === null ? null : Number(text));

export function toLeg(row: LegRow): StoredLeg {
  return {
    ...row,
    start_us: Number(row.start_us),
    progress_us: toNumber(row.progress_us),
    answer_us: toNumber(row.answer_us),
    end_us: toNumber(row.end_us),
  };
}
