import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** The tables whose rows are counted. */
export type Table = 'cdr' | 'legs' | 'leg_events';

/** A row as PostgreSQL gives it as JSON. */
export type Row = Readonly<Record<string, unknown>> & { uuid: string };

const POLL_MS = 20;
const PATIENCE_MS = 60_000;
const ROWS_A_STATEMENT = 500;

export async function countRows(client: pg.Client, table: Table): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? 0;
}

/** What is waited for: rows in a table, and the last legs that were sent something. */
export interface Awaited {
  table: Table;
  rows: number;
  lastLegs: readonly string[];
}

/**
 * Resolves when the table has so many rows. Counting rows costs the database more than storing them, so it begins when
 * the last legs have ended. @throws Error when it has others after a minute
 */
export async function isStored(client: pg.Client, { table, rows, lastLegs }: Awaited): Promise<void> {
  const patience = performance.now() + PATIENCE_MS;
  while ((await countEnded(client, table, lastLegs)) < lastLegs.length && performance.now() < patience)
    await sleep(POLL_MS);
  for (;;) {
    const count = await countRows(client, table);
    if (count === rows) return;
    if (performance.now() > patience || count > rows)
      throw new Error(`${table} has ${count} rows and not ${rows}`);
    await sleep(POLL_MS);
  }
}

async function countEnded(client: pg.Client, table: Table, legs: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${table === 'cdr' ? 'cdr' : 'legs'} where uuid = any($1) and end_at is not null`,
    [legs],
  );
  return rows[0]?.count ?? 0;
}

/** Resolves when every leg has ended: nothing is left on the way to the store. */
export async function allLegsEnded(client: pg.Client): Promise<void> {
  const patience = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ live: number }>(
      'select count(*)::int as live from legs where end_at is null',
    );
    if (rows[0]?.live === 0) return;
    if (performance.now() > patience) throw new Error(`${rows[0]?.live} legs never ended`);
    await sleep(POLL_MS);
  }
}

/** So many rows of table `cdr`. */
export function readCdrs(client: pg.Client, limit: number): Promise<Row[]> {
  return readRows(client, 'select to_jsonb(cdr) as row from cdr limit $1', [limit]);
}

/** So many rows of table `legs` that have events. */
export function readLegs(client: pg.Client, limit: number): Promise<Row[]> {
  const text = `select to_jsonb(legs) as row from legs
    where exists (select from leg_events where leg_events.uuid = legs.uuid) limit $1`;
  return readRows(client, text, [limit]);
}

/** The events of these legs. */
export function readEvents(client: pg.Client, legs: readonly Row[]): Promise<Row[]> {
  const text = 'select to_jsonb(leg_events) as row from leg_events where uuid = any($1)';
  return readRows(client, text, [legs.map(({ uuid }) => uuid)]);
}

async function readRows(client: pg.Client, text: string, values: unknown[]): Promise<Row[]> {
  const { rows } = await client.query<{ row: Row }>(text, values);
  return rows.map(({ row }) => row);
}

/** Copies of rows under other uuids. Rows of one leg stay together. */
export function renamed(rows: readonly Row[], names = new Map<string, string>()): Row[] {
  return rows.map((row) => {
    const uuid = names.get(row.uuid) ?? randomUUID();
    names.set(row.uuid, uuid);
    return { ...row, uuid };
  });
}

/** What PostgreSQL alone can do: multi-row INSERTs, each a transaction, of rows that are at hand. */
export async function insertRows(client: pg.Client, table: Table, rows: readonly Row[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    const part = JSON.stringify(rows.slice(from, from + ROWS_A_STATEMENT));
    await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
      part,
    ]);
  }
}

export async function deleteRows(client: pg.Client, table: Table, rows: readonly Row[]): Promise<void> {
  await client.query(`delete from ${table} where uuid = any($1)`, [rows.map(({ uuid }) => uuid)]);
}
