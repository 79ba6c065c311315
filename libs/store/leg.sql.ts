import type { LegIdentity } from '../calls/call-id.ts';
import type { LegEvidence } from '../calls/evidence.ts';
import { type Columns, columnArrays, rowsOf } from '../postgres/columns.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds, spanOf, toMicroseconds } from './time.sql.ts';

/** A leg as it is stored, as far as folding it again needs. */
export interface StoredLeg extends LegIdentity {
  evidence: LegEvidence | null;
  root_id: string | null;
  call_id: string | null;
  keys: string[];
  fate_revision: number;
}

interface StoredRow extends Omit<StoredLeg, 'start_us'> {
  start_us: string;
}

const STORED = `l.uuid, ${toMicroseconds('l.start_at')} as start_us, l.evidence, l.root_id, l.call_id, l.keys, l.fate_revision`;

const MADE: Columns = { uuid: 'text', start_us: 'bigint', node: 'text', core_uuid: 'text' };

/**
 * Makes a row for each leg that has none, which locks it. Waits only for others who are making the same rows, in order of
 * uuid. Returns those that were made.
 */
export async function makeLegs(
  client: Queryable,
  legs: readonly (LegIdentity & { node: string; core_uuid: string | null })[],
): Promise<StoredLeg[]> {
  const { rows } = await client.query<{ uuid: string; start_us: string }>({
    name: 'legs_make',
    text: `insert into legs as l (uuid, start_at, node, core_uuid, is_settled)
      select uuid, ${fromMicroseconds('start_us')}, node, core_uuid, true
      from ${rowsOf(MADE)} as made
      order by uuid, start_us on conflict do nothing
      returning uuid, ${toMicroseconds('l.start_at')} as start_us`,
    values: columnArrays(MADE, legs),
  });
  const blank = { evidence: null, root_id: null, call_id: null, keys: [], fate_revision: 0 };
  return rows.map(({ uuid, start_us }) => ({ ...blank, uuid, start_us: Number(start_us) }));
}

/**
 * Rows of legs, $1 their uuids, $2 and $3 the span of their starts, $4 their keys: by a plain scan, and never by a join with a list,
 * for which PostgreSQL may choose to read the whole table. The merger's transactions switch sequential scans off, so that the key is
 * used also by a plan that was made, and kept, while the table was empty: that is all it needs. (A lateral subquery would do so too,
 * but PostgreSQL 18 ends with a segmentation fault where a row that is locked in one was changed meanwhile.) And no row but these: one
 * that is locked is left to whoever has it, who must know that he has.
 */
const NAMED_ROWS = `l.uuid = any ($1::text[])
  and l.start_at >= ${fromMicroseconds('$2::bigint')} and l.start_at <= ${fromMicroseconds('$3::bigint')}
  and ${toMicroseconds('l.start_at')} || ' ' || l.uuid = any ($4::text[])`;

function namedRows(legs: readonly LegIdentity[]): unknown[] {
  const { fromUs, toUs } = spanOf(legs.map(({ start_us }) => start_us));
  const keys = legs.map(({ uuid, start_us }) => `${start_us} ${uuid}`);
  return [legs.map(({ uuid }) => uuid), fromUs, toUs, keys];
}

/** Locks legs that were there before in order of uuid, after `makeLegs`, and reads them. */
export async function lockLegs(client: Queryable, legs: readonly LegIdentity[]): Promise<StoredLeg[]> {
  if (legs.length === 0) return [];
  const { rows } = await client.query<StoredRow>({
    name: 'legs_lock',
    text: `select ${STORED} from legs l where ${NAMED_ROWS} order by l.uuid, l.start_at for update of l`,
    values: namedRows(legs),
  });
  return rows.map(toStored);
}

/** Locks and reads those of these legs that nobody else has locked: it waits for none. */
export async function lockFreeLegs(client: Queryable, legs: readonly LegIdentity[]): Promise<StoredLeg[]> {
  if (legs.length === 0) return [];
  const { rows } = await client.query<StoredRow>({
    name: 'legs_lock_free',
    text: `select ${STORED} from legs l where ${NAMED_ROWS} order by l.uuid, l.start_at for update of l skip locked`,
    values: namedRows(legs),
  });
  return rows.map(toStored);
}

/** Those of the named rows that nobody else has locked. */
const FREE = `with free as (
  select l.uuid, l.start_at from legs l where ${NAMED_ROWS} for update of l skip locked
)`;

/** Deletes those of these legs that nobody else has locked. */
export async function deleteFreeLegs(client: Queryable, legs: readonly LegIdentity[]): Promise<void> {
  if (legs.length === 0) return;
  await client.query({
    name: 'legs_delete_free',
    text: `${FREE}
     delete from legs l using free where l.uuid = free.uuid and l.start_at = free.start_at
       and l.start_at >= ${fromMicroseconds('$2::bigint')} and l.start_at <= ${fromMicroseconds('$3::bigint')}`,
    values: namedRows(legs),
  });
}

/** Reads legs that others may be writing: whoever does will come for their call's root, and summarise it again. */
export async function readLegs(client: Queryable, legs: readonly LegIdentity[]): Promise<StoredLeg[]> {
  if (legs.length === 0) return [];
  const { rows } = await client.query<StoredRow>({
    name: 'legs_read',
    text: `select ${STORED} from legs l where ${NAMED_ROWS} order by l.uuid, l.start_at`,
    values: namedRows(legs),
  });
  return rows.map(toStored);
}

function toStored(row: StoredRow): StoredLeg {
  return { ...row, start_us: Number(row.start_us) };
}

/** Columns that a fold gives a leg, by type; times are given as `…_us`. */
const COLUMNS: Columns = {
  call_id: 'uuid',
  root_id: 'uuid',
  node: 'text',
  core_uuid: 'text',
  direction: 'text',
  state: 'text',
  caller_id_name: 'text',
  caller_id_number: 'text',
  destination_number: 'text',
  context: 'text',
  channel_name: 'text',
  accountcode: 'text',
  domain: 'text',
  tenant: 'text',
  trunk: 'text',
  originator: 'text',
  referred_by: 'text',
  sip_call_id: 'text',
  ended_by: 'text',
  duration: 'double precision',
  billsec: 'double precision',
  hangup_cause: 'text',
  hangup_cause_q850: 'integer',
  sip_hangup_disposition: 'text',
  sip_status: 'integer',
  application: 'text',
  conference: 'text',
  queue: 'text',
  mos: 'real',
  recording_paths: 'text[]',
  is_interrupted: 'boolean',
  is_settled: 'boolean',
  fate_revision: 'integer',
  keys: 'uuid[]',
};
const TIMES = ['progress', 'progress_media', 'answer', 'bridged', 'end'] as const;

/** One leg to write: every column by its name, times as `…_us` in microseconds. */
export interface LegRow extends LegIdentity {
  evidence: LegEvidence;
  [column: string]: unknown;
}

const TARGETS = [
  'uuid',
  'start_at',
  ...Object.keys(COLUMNS),
  ...TIMES.map((time) => `${time}_at`),
  'evidence',
];
const SOURCES = [
  'uuid',
  fromMicroseconds('start_us'),
  ...Object.keys(COLUMNS),
  ...TIMES.map((time) => fromMicroseconds(`${time}_us`)),
  'evidence',
];
const GIVEN: Columns = {
  uuid: 'text',
  start_us: 'bigint',
  ...COLUMNS,
  ...Object.fromEntries(TIMES.map((time) => [`${time}_us`, 'bigint'])),
  evidence: 'json',
};

/** All of them are there: this finds each by its key, whatever PostgreSQL thinks of the size of the table. */
const UPDATE = `
  insert into legs (${TARGETS.join(', ')})
  select ${SOURCES.join(', ')}
  from ${rowsOf(GIVEN)} as named
  on conflict (uuid, start_at) do update set
    ${TARGETS.slice(2)
      .map((column) => `${column} = excluded.${column}`)
      .join(', ')}`;

/** Writes legs that this transaction has locked. */
export async function writeLegs(client: Queryable, rows: readonly LegRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query({ name: 'legs_write', text: UPDATE, values: columnArrays(GIVEN, rows) });
}

/**
 * Tells legs, which this transaction has not locked, which call they are of. A leg that another transaction has locked is
 * left to it: it waits for this call's root, and will tell the leg itself.
 */
export async function assignCalls(
  client: Queryable,
  legs: readonly (LegIdentity & { call_id: string })[],
): Promise<void> {
  if (legs.length === 0) return;
  await client.query({
    name: 'legs_assign',
    text: `${FREE}
     update legs l set call_id = told.call_id
     from json_to_recordset($5::json) as told (uuid text, start_us bigint, call_id uuid)
     join free on free.uuid = told.uuid and free.start_at = ${fromMicroseconds('told.start_us')}
     where l.uuid = free.uuid and l.start_at = free.start_at`,
    values: [...namedRows(legs), JSON.stringify(legs)],
  });
}

/** Legs that were folded without what is now known of their node, at most `limit`. */
export async function legsToJudge(
  client: Queryable,
  limit: number,
): Promise<(LegIdentity & { node: string; core_uuid: string | null })[]> {
  const { rows } = await client.query<{ uuid: string; start_us: string; node: string; core_uuid: string }>(
    `select l.uuid, ${toMicroseconds('l.start_at')} as start_us, l.node, l.core_uuid
     from node_fates f join legs l
       on l.core_uuid = f.core_uuid and not l.is_settled and l.fate_revision < f.revision
     where l.node = f.node and l.evidence is not null limit $1`,
    [limit],
  );
  return rows.map((row) => ({ ...row, start_us: Number(row.start_us) }));
}
