import type { Pool } from '../../../libs/postgres/database.ts';

/** The fleet in a few figures. */
export interface FleetPulse {
  /** calls that are live now */
  live: number;
  /** calls that ended in the last minute, and the share of them that was answered; null without any */
  perMinute: number;
  asr: number | null;
  /** CDRs that came in the last minute */
  cdrs: number;
  /** rejects that nobody replayed yet */
  rejects: number;
}

/** Counts what goes on now. */
export async function readPulse(pool: Pool): Promise<FleetPulse> {
  const { rows } = await pool.query<FleetPulse>(
    `select
       (select count(*)::integer from calls
         where state = 'live' and merged_into is null and end_at is null and start_at > now() - interval '1 day') as live,
       ended.calls as "perMinute", ended.asr,
       (select count(*)::integer from cdr
         where received_at > now() - interval '1 minute' and start_at > now() - interval '1 day') as cdrs,
       (select count(*)::integer from cdr_rejects where replayed_at is null) as rejects
     from (
       select count(*)::integer as calls, avg((answer_at is not null)::integer)::float8 as asr from calls
       where end_at > now() - interval '1 minute' and start_at > now() - interval '6 hours' and merged_into is null
     ) as ended`,
  );
  const pulse = rows[0];
  if (pulse === undefined) throw new Error('an aggregate gives a row');
  return pulse;
}
