import pg, { type ClientBase, type Pool } from 'pg';
import { isoOf, type PartitionRange, type PartitionUnit } from './partition-range.ts';

/** One partition of a table; without bounds it is the default one. */
export interface Partition {
  name: string;
  range: PartitionRange | undefined;
}

const quote = pg.escapeIdentifier;

/** Partitions of a table with their bounds (−∞ and ∞ for open ends). */
export async function listPartitions(client: ClientBase, table: string): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bound: string }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass and not i.inhdetachpending order by 1`,
    [quote(table)],
  );
  return rows.map(({ name, bound }) => ({ name, range: parseBound(bound) }));
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

/** Takes a partition off its table and drops it; to be run in a transaction. */
export async function dropPartition(client: ClientBase, table: string, name: string): Promise<void> {
  await client.query(`alter table ${quote(table)} detach partition ${quote(name)}`);
  await client.query(`drop table ${quote(name)}`);
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
    `delete from only ${quote(partition)} where ${quote(column)} >= $1::timestamptz and ${quote(column)} < $2::timestamptz`,
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

/** `FOR VALUES FROM ('2026-01-01 00:00:00+00') TO (MAXVALUE)`, as printed in time zone UTC; undefined for DEFAULT. */
function parseBound(bound: string): PartitionRange | undefined {
  const match = /^FOR VALUES FROM \((.+)\) TO \((.+)\)$/.exec(bound);
  if (match === null) return undefined;
  return { fromUs: parseEnd(match[1] ?? ''), toUs: parseEnd(match[2] ?? '') };
}

function parseEnd(text: string): number {
  if (text === 'MINVALUE' || text === "'-infinity'") return -Infinity;
  if (text === 'MAXVALUE' || text === "'infinity'") return Infinity;
  return Date.parse(text.replaceAll("'", '').replace(' ', 'T').replace(/\+00$/, 'Z')) * 1000;
}
