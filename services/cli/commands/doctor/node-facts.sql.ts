import type { Pool } from '../../../../libs/postgres/database.ts';

/** A configured node with what it takes to log in. */
export interface KnownNode {
  switchname: string;
  host: string;
  port: number;
  sealed: string;
  state: string;
}

/** Every configured node, at most 1,000. */
export async function readKnownNodes(pool: Pool): Promise<KnownNode[]> {
  const { rows } = await pool.query<KnownNode>(
    `select switchname::text, esl_host as host, esl_port as port, esl_password_encrypted as sealed, state
     from nodes order by switchname limit 1000`,
  );
  return rows;
}

/** What the store has of a node: events and CDRs of the same legs, and when it last gave us something. */
export interface NodeTraces {
  /** legs of the last hour, but for the last minutes, whose events told of their end, and how many of them have a CDR */
  heard: number;
  heardWithCdr: number;
  /** legs of the same time that have a CDR, and how many of them had events */
  posted: number;
  postedWithEvents: number;
  /** seconds since its last CDR of the last day; null when there is none */
  lastCdr: number | null;
}

/** Traces of every node that left any, by switchname. */
export async function readTraces(pool: Pool): Promise<Map<string, NodeTraces>> {
  const { rows } = await pool.query<NodeTraces & { node: string }>(
    `with ended as (
       select node,
         exists (select from leg_events e where e.uuid = legs.uuid
           and e.at between legs.start_at - interval '1 minute' and legs.end_at + interval '1 minute') as has_events,
         exists (select from cdr where cdr.uuid = legs.uuid and cdr.start_at = legs.start_at) as has_cdr
       from legs where end_at between now() - interval '1 hour' and now() - interval '2 minutes'
         and start_at > now() - interval '6 hours'
     ), counted as (
       select node, count(*) filter (where has_events)::integer as heard,
         count(*) filter (where has_events and has_cdr)::integer as heard_with_cdr,
         count(*) filter (where has_cdr)::integer as posted,
         count(*) filter (where has_cdr and has_events)::integer as posted_with_events
       from ended group by node
     ), newest as (
       select switch_name as node, extract(epoch from now() - max(end_at))::float8 as last_cdr
       from cdr where start_at > now() - interval '1 day' group by switch_name
     )
     select node, coalesce(heard, 0) as heard, coalesce(heard_with_cdr, 0) as "heardWithCdr",
       coalesce(posted, 0) as posted, coalesce(posted_with_events, 0) as "postedWithEvents", last_cdr as "lastCdr"
     from counted full join newest using (node)`,
  );
  return new Map(rows.map(({ node, ...traces }) => [node, traces]));
}
