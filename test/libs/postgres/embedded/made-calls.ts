/** The day of the calls that a test makes. */
export const DAY = '2026-11-20';

/** Calls of one hour, as a merger stores them: rollups come of them. */
export const MAKE_CALLS = `
  insert into calls (id, start_at, root_id, state, answer_at, end_at, trunk, disposition, billsec, duration, hangup_cause, digest)
  select gen_random_uuid(), start_at, gen_random_uuid(), 'finished', start_at, start_at + interval '1 minute', 'trunk-' || n % 3, 'answered', 60, 60,
    'NORMAL_CLEARING', 'x' from generate_series(1, $1::integer) as n cross join lateral (
      select timestamptz '${DAY}T08:00Z' + n * interval '1 second' as start_at) as moment`;
