import type { Queryable } from './queryable.ts';
import { fromMicroseconds, tellable, tellableUs, toMicroseconds } from './time.sql.ts';

/** The reason of a document that lost against the one that is stored of its leg and format (I2), and its detail. */
export const DIFFERS = 'cdr-differs';
export const DIFFERENCE =
  'another document of this leg in the same format ended later, or has the greater hash';

/** A row of `cdr_rejects` as the writer gives it. */
export interface RejectRow {
  reason: string;
  detail: string;
  switch_name: string | null;
  uuid: string | null;
  source_ip: string | null;
  path: string;
  content_type: string | null;
  /** when it was posted: each time once, the earliest first */
  receipts_us: readonly number[];
  body_sha256: Buffer;
  body: Buffer;
}

const FIRST = fromMicroseconds('first_us');
const LAST = fromMicroseconds('last_us');

/** Of what is known only the first and the last receipt are kept: what lies between may have come before. */
const isNew = (at: string) => `(${at} < stored.received_at or ${at} > stored.last_received_at)`;

/**
 * A batch that comes again brings the same receipt times, so only a post before or after all that are known counts as another
 * attempt. Whatever was replayed, or is on its way to the bus, and is rejected again is open again.
 */
const INSERT = `
  insert into cdr_rejects as stored
    (reason, detail, switch_name, uuid, source_ip, path, content_type, received_at, last_received_at, attempts,
     body_sha256, body)
  select reason, detail, switch_name, uuid, source_ip, path, content_type, ${FIRST}, ${LAST}, attempts, body_sha256, body
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
              $9::bigint[], $10::integer[], $11::bytea[], $12::bytea[])
    as incoming (reason, detail, switch_name, uuid, source_ip, path, content_type, first_us, last_us, attempts,
                 body_sha256, body)
  order by body_sha256, reason
  on conflict (body_sha256, reason) do update set
    attempts = stored.attempts + case when excluded.attempts = 1 then ${isNew('excluded.received_at')}::integer else (
      select count(*) from unnest($13::bytea[], $14::text[], $15::bigint[]) as receipt (sha256, reason, at_us)
      where receipt.sha256 = excluded.body_sha256 and receipt.reason = excluded.reason
        and ${isNew(fromMicroseconds('receipt.at_us'))}) end,
    received_at = least(stored.received_at, excluded.received_at),
    last_received_at = greatest(stored.last_received_at, excluded.last_received_at),
    replayed_at = null,
    replaying_since = null
  where ${isNew('excluded.received_at')} or ${isNew('excluded.last_received_at')} or stored.replayed_at is not null
    or stored.replaying_since is not null`;

/**
 * Keeps what could not be stored: the same bytes for the same reason once (within one call, too: merge before). A time
 * that nobody can read back is moved to the nearest that can be.
 */
export async function insertRejects(database: Queryable, rows: readonly RejectRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <Name extends keyof RejectRow>(name: Name) => rows.map((row) => row[name]);
  const times = rows.map(({ receipts_us }) => receipts_us.map(tellableUs));
  const several = rows.flatMap((row, at) => {
    const own = times[at] ?? [];
    return own.length > 1 ? own.map((atUs) => ({ ...row, atUs })) : [];
  });
  await database.query(INSERT, [
    column('reason'),
    column('detail'),
    column('switch_name'),
    column('uuid'),
    column('source_ip'),
    column('path'),
    column('content_type'),
    times.map((own) => own[0] ?? 0),
    times.map((own) => own.at(-1) ?? 0),
    times.map((own) => own.length),
    column('body_sha256'),
    column('body'),
    several.map(({ body_sha256 }) => body_sha256),
    several.map(({ reason }) => reason),
    several.map(({ atUs }) => atUs),
  ]);
}

/** A reject without its bytes, for lists. */
export interface RejectSummary {
  id: string;
  reason: string;
  detail: string;
  switch_name: string | null;
  uuid: string | null;
  source_ip: string | null;
  received_us: number;
  last_received_us: number;
  attempts: number;
  /** when it was published again as a CDR */
  replayed_us: number | null;
  bytes: number;
}

/** A reject with its bytes, as they were posted. */
export interface StoredReject extends RejectSummary {
  path: string;
  content_type: string | null;
  body: Buffer;
}

export interface RejectQuery {
  /** only what has a smaller id: the next page, newest first */
  beforeId?: string | undefined;
  reason?: string | undefined;
  /** only what was not replayed yet */
  open?: boolean | undefined;
  limit: number;
}

const SUMMARY = `id, reason, detail, switch_name, uuid, source_ip,
  ${toMicroseconds(tellable('received_at'))} as received_us,
  ${toMicroseconds(tellable('last_received_at'))} as last_received_us, attempts,
  ${toMicroseconds('replayed_at')} as replayed_us, length(body) as bytes`;

type Raw<Row extends RejectSummary> = Omit<Row, 'received_us' | 'last_received_us' | 'replayed_us'> & {
  received_us: string;
  last_received_us: string;
  replayed_us: string | null;
};

function cooked<Row extends RejectSummary>(row: Raw<Row>): Row {
  const { received_us, last_received_us, replayed_us } = row;
  return {
    ...row,
    received_us: Number(received_us),
    last_received_us: Number(last_received_us),
    replayed_us: replayed_us === null ? null : Number(replayed_us),
  } as unknown as Row;
}

/** Rejects, newest first. */
export async function listRejects(
  database: Queryable,
  { beforeId, reason, open = false, limit }: RejectQuery,
): Promise<RejectSummary[]> {
  const { rows } = await database.query<Raw<RejectSummary>>(
    `select ${SUMMARY} from cdr_rejects
     where ($1::bigint is null or id < $1) and ($2::text is null or reason = $2) and (not $3 or replayed_at is null)
     order by id desc limit $4`,
    [beforeId ?? null, reason ?? null, open, limit],
  );
  return rows.map(cooked);
}

/** One reject with its bytes. */
export async function findReject(database: Queryable, id: string): Promise<StoredReject | undefined> {
  const { rows } = await database.query<Raw<StoredReject>>(
    `select ${SUMMARY}, path, content_type, body from cdr_rejects where id = $1`,
    [id],
  );
  return rows[0] === undefined ? undefined : cooked(rows[0]);
}

/** Rows of one DELETE: a statement has a time limit. */
const DELETED_AT_ONCE = 5_000;

/** Deletes rejects that were posted last before this; gives how many. */
export async function deleteRejects(database: Queryable, beforeUs: number): Promise<number> {
  for (let deleted = 0; ; ) {
    const { rowCount } = await database.query(
      `delete from cdr_rejects where id in (
         select id from cdr_rejects where last_received_at < ${fromMicroseconds('$1')} limit $2)`,
      [beforeUs, DELETED_AT_ONCE],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < DELETED_AT_ONCE) return deleted;
  }
}
