import pg from 'pg';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { HistoryRow } from './row-document.ts';

const PAGE = 500;
const CONNECT_MS = 10_000;
/** A view may sort a whole history before its first row. */
const ANSWER_MS = 300_000;

/**
 * The rows of a table or view of another PostgreSQL, read through a cursor in one read-only transaction.
 * @throws CodedError `history-unreadable`
 */
export async function* tableRows(connectionString: string, table: string): AsyncGenerator<HistoryRow> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    application_name: 'switchfleet cdr import',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction read only');
    const name = table
      .split('.')
      .map((part) => pg.escapeIdentifier(part))
      .join('.');
    // Not to_jsonb: it refuses a document of column json that has \u0000 in it, and the whole page with it.
    await client.query(`declare history no scroll cursor for select to_json(t) as row from ${name} as t`);
    for (;;) {
      const { rows } = await client.query<{ row: HistoryRow }>(`fetch ${PAGE} from history`);
      for (const { row } of rows) yield row;
      if (rows.length < PAGE) return;
    }
  } catch (cause) {
    throw new CodedError('history-unreadable', `table ${table} cannot be read`, {
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
