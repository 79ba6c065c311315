import type { LegIdentity } from '../../calls/call-id.ts';
import { SAME_LEG_US } from '../../calls/history.ts';
import type { Queryable } from '../queryable.ts';
import { TOLERANCE } from '../same-leg.sql.ts';
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
  start_us: number;
  format: 'xml' | 'json';
  node: string;
  received_us: number;
  bytes: number;
}

type RawCdrDocument = Omit<StoredCdrDocument, 'start_us' | 'received_us'> &
  Record<'start_us' | 'received_us', string>;

const HOUR_US = 3_600_000_000;

/**
 * When events with a leg's uuid are of that leg: no event says the start of its leg. Where a uuid was used again, maybe by another
 * tenant, each is of the last leg that had begun; of the first one what came before, since clocks are apart.
 */
const SPANS = `
  select uuid,
    case when exists (select from legs l where l.uuid = given.uuid and l.start_at < given.start_at)
      then start_at - ${TOLERANCE} else timestamptz '-infinity' end as from_at,
    coalesce((select min(l.start_at) from legs l where l.uuid = given.uuid and l.start_at > given.start_at) - ${TOLERANCE},
      timestamptz 'infinity') as to_at
  from (select uuid, ${fromMicroseconds('start_us')} as start_at
        from unnest($1::text[], $5::bigint[]) as named (uuid, start_us)) as given`;

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
    `with leg as materialized (${SPANS})
     select ${toMicroseconds('e.at')} as at_us, e.uuid, e.node, e.sequence, e.event_name, e.event_subclass, e.headers
     from leg join leg_events e on e.uuid = leg.uuid and e.at >= leg.from_at and e.at < leg.to_at
     where e.uuid = any($1::text[]) and e.at >= ${fromMicroseconds('$2::bigint')} and e.at < ${fromMicroseconds('$3::bigint')}
     order by e.at, e.sequence, e.uuid limit $4`,
    [legs.map(({ uuid }) => uuid), fromUs, toUs, limit, legs.map(({ start_us }) => start_us)],
  );
  return rows.map((row) => ({ ...row, at_us: Number(row.at_us), sequence: Number(row.sequence) }));
}

/** Another leg with the same uuid that a document is nearer to, which may be another tenant's. */
const NEARER_LEG = `select from legs other where other.uuid = d.uuid
  and other.start_at between d.start_at - ${TOLERANCE} and d.start_at + ${TOLERANCE}
  and abs(extract(epoch from other.start_at - d.start_at)) * 1000000 < abs(${toMicroseconds('d.start_at')} - leg.start_us)`;

/** The CDRs of these legs that are kept, rows of other systems' histories among them, in order of time; XML before JSON. */
export async function listCdrDocuments(
  database: Queryable,
  legs: readonly LegIdentity[],
): Promise<StoredCdrDocument[]> {
  if (legs.length === 0) return [];
  const { rows } = await database.query<RawCdrDocument>(
    `select d.uuid, ${toMicroseconds('d.start_at')} as start_us, d.format, d.switch_name as node, ${toMicroseconds('d.received_at')} as received_us, d.body_size as bytes
     from unnest($1::text[], $2::bigint[]) as leg (uuid, start_us)
     join cdr_documents d on d.uuid = leg.uuid
       and d.start_at between ${fromMicroseconds(`(leg.start_us - ${SAME_LEG_US})`)} and ${fromMicroseconds(`(leg.start_us + ${SAME_LEG_US})`)}
     where not exists (${NEARER_LEG})
     order by d.start_at, d.uuid, d.format desc`,
    [legs.map(({ uuid }) => uuid), legs.map(({ start_us }) => start_us)],
  );
  return rows.map((row) => ({
    ...row,
    start_us: Number(row.start_us),
    received_us: Number(row.received_us),
  }));
}
