import pg, { type ClientBase, type Pool, type QueryResult } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { isoOf, type PartitionRange, type PartitionUnit } from './partition-range.ts';

/** One partition of a table; without bounds it is the default one. */
export interface Partition {
  name: string;
  range: PartitionRange | undefined;
}

const quote = pg.escapeIdentifier;

/** Bounds are printed as the session writes times: as ISO in UTC each text is one moment, and nothing else than that moment. */
const AS_ISO = `set local datestyle = 'ISO'; set local time zone 'UTC'`;

/**
 * Partitions of a table with their bounds (−∞ and ∞ for open ends), whatever the session's DateStyle and TimeZone are; until
 * the end of a transaction under way both are ISO and UTC. The moments are PostgreSQL's, and no text of a time leaves it.
 * @throws CodedError `partition-bounds-unreadable`
 */
export async function listPartitions(client: ClientBase, table: string): Promise<Partition[]> {
  // Statements of one simple query are one transaction, so the settings hold for the last one without a BEGIN.
  const results: unknown = await client.query(
    `${AS_ISO}; select c.relname as name, bound.text = 'DEFAULT' as is_default, bound.text,
       ${momentOf('ends.found[1]')} as from_us, ${momentOf('ends.found[2]')} as to_us
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as text) as bound
     cross join lateral (select regexp_match(bound.text, '^FOR VALUES FROM [(](.+)[)] TO [(](.+)[)]$') as found) as ends
     where i.inhparent = ${pg.escapeLiteral(quote(table))}::regclass and not i.inhdetachpending order by 1`,
  );
  const { rows } = (results as QueryResult<BoundRow>[]).at(-1) ?? { rows: [] };
  return rows.map(toPartition);
}

interface BoundRow {
  name: string;
  is_default: boolean;
  text: string;
  from_us: string | null;
  to_us: string | null;
}

/** SQL for an end of a range as microseconds since 1970. Text: an infinite number is none of PostgreSQL's integers. */
function momentOf(end: string): string {
  return `case ${end} when 'MINVALUE' then '-Infinity' when 'MAXVALUE' then 'Infinity'
    else (extract(epoch from btrim(${end}, '''')::timestamptz) * 1000000)::text end`;
}

/** What is not understood is never a range: a range that is wrong would be dropped. */
function toPartition({ name, is_default, text, from_us, to_us }: BoundRow): Partition {
  if (is_default) return { name, range: undefined };
  const range = { fromUs: Number(from_us ?? Number.NaN), toUs: Number(to_us ?? Number.NaN) };
  if (range.fromUs < range.toUs) return { name, range };
  throw new CodedError(
    'partition-bounds-unreadable',
    `partition ${name} has bounds that are no span: ${text}`,
  );
}

/** The column that a table is partitioned by. */
export async function partitionColumn(client: ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ attname: string }>(
    `select a.attname from pg_partitioned_table p
     join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
     where p.partrelid = $1::regclass and p.partstrat = 'r'`,
    [quote(table)],
  );
  const column = rows[0]?.attname;
  if (column === undefined) throw new Error(`table ${table} is not partitioned by range of one column`);
  return column;
}

/** The database's own clock, microseconds since 1970. */
export async function databaseNowUs(client: ClientBase | Pool): Promise<number> {
  const { rows } = await client.query<{ us: string }>(
    'select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us',
  );
  return Number(rows[0]?.us);
}

/** Starts of the units that rows in the default partition belong to, oldest first, and how many rows each has. */
export async function countStrays(
  client: ClientBase,
  { partition, column, unit }: { partition: string; column: string; unit: PartitionUnit },
): Promise<{ fromUs: number; rows: number }[]> {
  const { rows } = await client.query<{ from_us: string; rows: string }>(
    `select (extract(epoch from date_trunc($1, ${quote(column)}, 'UTC')) * 1000000)::bigint as from_us, count(*) as rows
     from only ${quote(partition)} where isfinite(${quote(column)}) group by 1 order by 1`,
    [unit],
  );
  return rows.map((row) => ({ fromUs: Number(row.from_us), rows: Number(row.rows) }));
}

export interface NewPartition {
  table: string;
  name: string;
  column: string;
  range: PartitionRange;
  defaultPartition: string | undefined;
  /** whether rows of this range are being written now: then writers of the table wait until it is there */
  isLive: boolean;
  /** storage parameters, as in `with (…)` */
  storage: string | undefined;
}

/**
 * Makes a partition, moves the default partition's rows of its range there and attaches it; to be run in a transaction.
 * Attaching leaves readers and writers of the other partitions alone, which `create table … partition of` does not.
 * @returns rows that were moved
 */
export async function attachPartition(client: ClientBase, partition: NewPartition): Promise<number> {
  const { table, name, column, range, defaultPartition, isLive, storage } = partition;
  const [from, to] = [isoOf(range.fromUs), isoOf(range.toUs)].map((text) => pg.escapeLiteral(text));
  const parameters = storage === undefined ? '' : ` with (${storage})`;
  await client.query(
    `create table ${quote(name)} (like ${quote(table)} including all excluding identity)${parameters}`,
  );
  // A row on its way into the default partition while the new one is attached would be refused there.
  if (isLive) await client.query(`lock table only ${quote(table)} in share row exclusive mode`);
  let moved = 0;
  if (defaultPartition !== undefined) {
    await client.query(`lock table only ${quote(defaultPartition)} in access exclusive mode`);
    const columns = await writableColumns(client, table);
    const result = await client.query(
      `with moved as (
         delete from only ${quote(defaultPartition)}
         where ${quote(column)} >= ${from} and ${quote(column)} < ${to} returning ${columns}
       ) insert into ${quote(name)} (${columns}) select ${columns} from moved`,
    );
    moved = result.rowCount ?? 0;
  }
  await client.query(
    `alter table ${quote(table)} attach partition ${quote(name)} for values from (${from}) to (${to})`,
  );
  return moved;
}

/**
 * Waits for its turn to change the partitions of a table; to be run in a transaction, with which the turn ends. Readers and
 * writers do not wait, and who may only read the table cannot take it, as he could an advisory lock.
 * @throws the database's error (55P03) when somebody else has it for longer than `waitMs`
 */
export async function takeTurn(client: ClientBase, table: string, waitMs: number): Promise<void> {
  await client.query(`set local lock_timeout = ${waitMs}`);
  await client.query(`lock table only ${quote(table)} in share update exclusive mode`);
}

/** Everybody waits behind us while we wait for somebody who reads: this long at the most. */
const DROP_WAIT_MS = 200;
/** PostgreSQL ends an autovacuum that others wait for after its `deadlock_timeout`, one second by default. */
const VACUUM_WAIT_MS = 3_000;

/**
 * Takes a partition off its table and drops it; to be run in a transaction.
 * @throws the database's error (55P03) when the table is not free of readers soon
 */
export async function dropPartition(client: ClientBase, table: string, name: string): Promise<void> {
  await endVacuums(client, table, name);
  await client.query(`set local lock_timeout = ${DROP_WAIT_MS}`);
  await client.query(`alter table ${quote(table)} detach partition ${quote(name)}`);
  await client.query(`drop table ${quote(name)}`);
}

/** Detaching needs the default partition as well. Neither readers nor writers wait for this lock. */
async function endVacuums(client: ClientBase, table: string, name: string): Promise<void> {
  await client.query(`set local lock_timeout = ${VACUUM_WAIT_MS}`);
  const { rows } = await client.query<{ name: string }>(
    'select partdefid::regclass::text as name from pg_partitioned_table where partrelid = $1::regclass and partdefid <> 0',
    [quote(table)],
  );
  for (const partition of [quote(name), ...rows.map((row) => row.name)])
    await client.query(`lock table only ${partition} in share update exclusive mode`);
}

/** Removes rows of the default partition that are older than what is kept. */
export async function deleteStrays(
  client: ClientBase,
  {
    partition,
    column,
    sinceUs,
    beforeUs,
  }: { partition: string; column: string; sinceUs: number; beforeUs: number },
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from only ${quote(partition)} where ${quote(column)} >= $1::timestamptz and ${quote(column)} < $2::timestamptz and isfinite(${quote(column)})`,
    [sinceUs === Number.NEGATIVE_INFINITY ? '-infinity' : isoOf(sinceUs), isoOf(beforeUs)],
  );
  return rowCount ?? 0;
}

async function writableColumns(client: ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ attname: string }>(
    `select attname from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [quote(table)],
  );
  return rows.map((row) => quote(row.attname)).join(', ');
}
