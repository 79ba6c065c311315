import type { LegIdentity } from '../../calls/call-id.ts';
import { SAME_LEG_US } from '../../calls/history.ts';
import type { Queryable } from '../queryable.ts';
import { fromMicroseconds, toMicroseconds } from '../time.sql.ts';
import type { StoredLeg } from './calls.ts';

/** One event of a timeline. */
export interface TimelineEvent {
  /** of the node's clock, µs */
  at_us: number;
  uuid: string;
  node: string;
  sequence: number;
  event_name: string;
  event_subclass: string | null;
  headers: Record<string, string>;
}

/** A CDR of a leg, as it was posted; its body stands apart. */
export interface StoredCdrDocument {
  uuid: string;
  format: 'xml' | 'json';
  node: string;
  received_us: number;
  bytes: number;
}

const HOUR_US = 3_600_000_000;

/** Events of these legs in the order of time, `limit` at the most; legs of two nodes are ordered by their nodes' clocks. */
export async function listTimeline(
  database: Queryable,
  legs: readonly StoredLeg[],
  limit: number,
): Promise<TimelineEvent[]> {
  if (legs.length === 0) return [];
  const fromUs = Math.min(...legs.map(({ start_us }) => start_us)) - HOUR_US;
  const ends = legs.map(({ end_us }) => end_us);
  // without an end it goes on: the newest partition is the last
  const toUs = ends.every((end) => end !== null) ? Math.max(...ends) + HOUR_US : 4e15;
  const { rows } = await database.query<
    Omit<TimelineEvent, 'at_us' | 'sequence'> & Record<'at_us' | 'sequence', string>
  >(
    `select ${toMicroseconds('at')} as at_us, uuid, node, sequence, event_name, event_subclass, headers from leg_events
     where uuid = any($1::text[]) and at >= ${fromMicroseconds('$2::bigint')} and at < ${fromMicroseconds('$3::bigint')}
     order by at, sequence, uuid limit $4`,
    [legs.map(({ uuid }) => uuid), fromUs, toUs, limit],
  );
  return rows.map((row) => ({ ...row, at_us: Number(row.at_us), sequence: Number(row.sequence) }));
}

/** The CDRs of these legs that are kept, rows of other systems' histories among them, in order of time; XML before JSON. */
export async function listCdrDocuments(
  database: Queryable,
  legs: readonly LegIdentity[],
): Promise<StoredCdrDocument[]> {
  if (legs.length === 0) return [];
  const { rows } = await database.query<Omit<StoredCdrDocument, 'received_us'> & { received_us: string }>(
    `select d.uuid, d.format, d.switch_name as node, ${toMicroseconds('d.received_at')} as received_us, d.body_size as bytes
     from unnest($1::text[], $2::bigint[]) as leg (uuid, start_us)
     join cdr_documents d on d.uuid = leg.uuid
       and d.start_at between ${fromMicroseconds(`(leg.start_us - ${SAME_LEG_US})`)} and ${fromMicroseconds(`(leg.start_us + ${SAME_LEG_US})`)}
     order by d.start_at, d.uuid, d.format desc`,
    [legs.map(({ uuid }) => uuid), legs.map(({ start_us }) => start_us)],
  );
  return rows.map((row) => ({ ...row, received_us: Number(row.received_us) }));
}
