import type { Queryable } from './queryable.ts';

/** A row of `cdr_rejects` as the writer gives it. */
export interface RejectRow {
  reason: string;
  detail: string;
  switch_name: string | null;
  uuid: string | null;
  source_ip: string | null;
  path: string;
  content_type: string | null;
  received_us: number;
  /** how often it was posted, in what is stored now */
  attempts: number;
  body_sha256: Buffer;
  body: Buffer;
}

const AT = `timestamptz 'epoch' + received_us * interval '1 microsecond'`;

/** A batch that comes again brings the same receipt times, so only a later post counts as another attempt. */
const INSERT = `
  insert into cdr_rejects as stored
    (reason, detail, switch_name, uuid, source_ip, path, content_type, received_at, last_received_at, attempts,
     body_sha256, body)
  select reason, detail, switch_name, uuid, source_ip, path, content_type, ${AT}, ${AT}, attempts, body_sha256, body
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
              $9::integer[], $10::bytea[], $11::bytea[])
    as incoming (reason, detail, switch_name, uuid, source_ip, path, content_type, received_us, attempts,
                 body_sha256, body)
  order by body_sha256, reason
  on conflict (body_sha256, reason) do update set
    attempts = stored.attempts + excluded.attempts,
    received_at = least(stored.received_at, excluded.received_at),
    last_received_at = excluded.last_received_at
  where excluded.last_received_at > stored.last_received_at`;

/** Keeps what could not be stored: the same bytes for the same reason once (within one call, too: choose before). */
export async function insertRejects(database: Queryable, rows: readonly RejectRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <Name extends keyof RejectRow>(name: Name) => rows.map((row) => row[name]);
  await database.query(INSERT, [
    column('reason'),
    column('detail'),
    column('switch_name'),
    column('uuid'),
    column('source_ip'),
    column('path'),
    column('content_type'),
    column('received_us'),
    column('attempts'),
    column('body_sha256'),
    column('body'),
  ]);
}
