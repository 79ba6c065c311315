import pg from 'pg';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { HistoryRow, PlacedRow } from './placed-row.ts';
import { tableName } from './table-name.ts';

const MOST = 500;
/** Until it is known how large rows are. */
const AT_FIRST = 20;
const PAGE_BYTES = 8 * 1024 * 1024;
const CONNECT_MS = 10_000;
/** A view may sort a whole history before its first row. */
const ANSWER_MS = 300_000;

/**
 * The rows of a table or view of another PostgreSQL, read through a cursor in one read-only transaction.
 * @throws CodedError `history-unreadable`, those of `tableName`
 */
export async function* tableRows(connectionString: string, table: string): AsyncGenerator<PlacedRow> {
  const name = tableName(table);
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    application_name: 'switchfleet cdr import',
  });
  client.on('error', () => undefined);
  let number = 0;
  try {
    await client.connect();
    await client.query('begin transaction read only');
    await client.query(cursorOf(name));
    for (let count = AT_FIRST; ; ) {
      const { rows } = await client.query<{ text: string }>(`fetch ${count} from history`);
      for (const { text } of rows) {
        number += 1;
        yield { row: rowOf(text), place: `${table}:${number}`, bytes: text.length };
      }
      if (rows.length < count) return;
      count = nextCount(rows.map(({ text }) => text.length));
    }
  } catch (cause) {
    throw new CodedError('history-unreadable', `table ${table} cannot be read`, {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Not to_jsonb: it refuses a document of column json that has \u0000 in it, and the whole page with it. A name alone would
 * be a column of that name, where the table has one; with `.*` it is the row.
 */
function cursorOf(name: string): string {
  return `declare history no scroll cursor for
    select to_json(switchfleet_history.*)::text as text from ${name} as switchfleet_history`;
}

/** So many rows as fit into a page, when they are as large as the last ones. */
function nextCount(sizes: readonly number[]): number {
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return Math.max(1, Math.min(MOST, Math.floor(PAGE_BYTES / mean)));
}

function rowOf(text: string): HistoryRow {
  const row: unknown = JSON.parse(text);
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as HistoryRow;
  throw new TypeError('the database gave a value where a row was asked for');
}
