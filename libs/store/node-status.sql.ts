import { jsonOf } from '../postgres/unwritable-value.ts';
import type { NodeStateChanged } from '../records/node-event.ts';
import type { NodeLoad } from '../records/node-load.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** What is dated this much ahead was not only said a little late: a clock was set back since, or a collector's is ahead. */
const AHEAD_US = 60_000_000;

/**
 * Keeps the last state of each node, by the time it was said; one that is dated ahead of now (`nowUs`, the merger's clock) gives
 * way to any other.
 */
export async function writeNodeStates(
  client: Queryable,
  events: readonly NodeStateChanged[],
  nowUs: number,
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `insert into node_status as known (node, state, reason, core_uuid, state_at, clock_offset_us)
     select distinct on (node) node, state, reason, core_uuid, ${fromMicroseconds('received_us')}, clock_offset_us
     from json_to_recordset($1::json) as said (node text, state text, reason text, core_uuid text, received_us bigint,
       clock_offset_us bigint)
     order by node, received_us > $2::bigint, received_us desc
     on conflict (node) do update set state = excluded.state, reason = excluded.reason,
       core_uuid = coalesce(excluded.core_uuid, known.core_uuid), state_at = excluded.state_at,
       clock_offset_us = coalesce(excluded.clock_offset_us, known.clock_offset_us)
     where known.state_at is null or known.state_at <= excluded.state_at
       or known.state_at > ${fromMicroseconds('$2::bigint')}`,
    [jsonOf(events), nowUs + AHEAD_US],
  );
}

const LOADS = `json_to_recordset($1::json) as load (node text, at_us bigint, sessions integer, max_sessions integer,
  sessions_per_second integer, idle_cpu real, record jsonb)`;

/** Keeps the last figures of each node, by the same rule as its state, and those of each minute. */
export async function writeLoads(
  client: Queryable,
  loads: readonly NodeLoad[],
  nowUs: number,
): Promise<void> {
  if (loads.length === 0) return;
  const rows = jsonOf(loads.map((load) => ({ ...load, record: load })));
  await client.query(
    `insert into node_status as known (node, load, load_at)
     select distinct on (node) node, record, ${fromMicroseconds('at_us')} from ${LOADS}
     order by node, at_us > $2::bigint, at_us desc
     on conflict (node) do update set load = excluded.load, load_at = excluded.load_at
     where known.load_at is null or known.load_at <= excluded.load_at or known.load_at > ${fromMicroseconds('$2::bigint')}`,
    [rows, nowUs + AHEAD_US],
  );
  await client.query(
    `insert into node_status_minutes as known (node, minute, sessions, sessions_max, max_sessions, sessions_per_second, idle_cpu)
     select distinct on (node, minute) node, minute, sessions, max(sessions) over (partition by node, minute), max_sessions,
       sessions_per_second, idle_cpu
     from (select *, date_trunc('minute', ${fromMicroseconds('at_us')}) as minute from ${LOADS}) as load
     order by node, minute, at_us desc
     on conflict (node, minute) do update set sessions = excluded.sessions,
       sessions_max = greatest(known.sessions_max, excluded.sessions_max), max_sessions = excluded.max_sessions,
       sessions_per_second = excluded.sessions_per_second, idle_cpu = excluded.idle_cpu`,
    [rows],
  );
}
